package io.wurstwerk.orchestrator.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.wurstwerk.orchestrator.contract.HttpError;
import io.wurstwerk.orchestrator.job.Failure;
import io.wurstwerk.orchestrator.job.JobId;
import io.wurstwerk.orchestrator.job.JobState.Terminal;
import io.wurstwerk.orchestrator.job.Origin;
import io.wurstwerk.orchestrator.stack.Ports;
import io.wurstwerk.orchestrator.stack.S3Server;
import io.wurstwerk.orchestrator.store.ImageStore;
import io.wurstwerk.orchestrator.store.StoreSettings;
import io.wurstwerk.orchestrator.studio.StoreArchive;
import io.wurstwerk.orchestrator.view.JobView;
import io.wurstwerk.orchestrator.view.Views;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JobLookupTest {

    private static final Clock CLOCK = Clock.fixed(Instant.parse("2030-01-01T00:00:00Z"), ZoneOffset.UTC);
    private static final JobId JOB = JobId.of(new Origin("acme", "urn:test", "1"));
    private static final String MANIFEST = """
            {"job_id": "%s", "state": "completed", "tenant": "acme", "request": {"source": "urn:test", "id": "1"},
             "images": [{"index": 0, "key": "v1/a.png", "url": "http://old"}]}""".formatted(JOB);

    @TempDir
    Path folder;

    private S3Server server;
    private ImageStore store;
    private JobView view;
    private boolean caughtUp = true;
    private JobLookup lookup;

    @BeforeEach
    void open() throws Exception {
        URI endpoint = URI.create("http://127.0.0.1:" + Ports.free());
        server = new S3Server(endpoint, Files.createDirectory(folder.resolve("objects")));
        store = new ImageStore(
                new StoreSettings(endpoint, endpoint, "us-east-1", "wurstwerk", S3Server.KEYS, "secret"),
                ImageStore.Limits.DEFAULT);
        store.ensureBucket();
        view = Views.open(folder.resolve("view"), CLOCK);
        lookup = new JobLookup(view, Views.json(CLOCK), store, () -> caughtUp, Duration.ZERO, CLOCK);
    }

    @AfterEach
    void close() throws Exception {
        view.close();
        store.close();
        server.close();
    }

    @Test
    void aJobThatTheViewHasLostIsFoundByItsManifestAndByItsTenantAlone() throws Exception {
        try (StoreArchive archive = new StoreArchive(store)) {
            Terminal ended = new Terminal.Completed(JOB, new Origin("acme", "urn:test", "1"), null);
            archive.keep(Map.of(ended, MANIFEST.getBytes(UTF_8)));
        }
        JobLookup.Found found = lookup.find("acme", JOB);
        assertThat(found.ended()).isTrue();
        assertThat(found.job().path("state").textValue()).isEqualTo("completed");
        assertThat(found.job().at("/images/0/url").textValue()).isEqualTo("http://store/v1/a.png");
        assertThat(lookup.image("acme", JOB, 0)).isEqualTo(URI.create("http://store/v1/a.png"));
        assertRefused("acme", 1, HttpError.NOT_FOUND);
        assertRefused("bolt", 0, HttpError.NOT_FOUND);
    }

    @Test
    void whatIsInNoPlaceIsUnknownOnlyWhenTheViewHasReadEverything() throws Exception {
        assertRefused("acme", 0, HttpError.NOT_FOUND);
        caughtUp = false;
        assertRefused("acme", 0, HttpError.UNAVAILABLE);
    }

    @Test
    void anOutageOfTheStoreIsNoReasonToSayThatAJobIsUnknown() throws Exception {
        server.close();
        assertRefused("acme", 0, HttpError.UNAVAILABLE);
        server = new S3Server(URI.create("http://127.0.0.1:" + Ports.free()), folder);
    }

    @Test
    void anAnswerIsNotHeldUpByAStoreThatIsAway() throws Exception {
        server.close();
        try (StoreArchive archive = new StoreArchive(store)) {
            Origin origin = new Origin("acme", "urn:test", "1");
            archive.keep(Map.of(
                    new Terminal.Failed(JOB, origin, new Failure(Failure.Code.INTERNAL, "m")),
                    MANIFEST.getBytes(UTF_8)));
            archive.keep(Map.of(new Terminal.Completed(JOB, origin, null), MANIFEST.getBytes(UTF_8)));
        }
        server = new S3Server(URI.create("http://127.0.0.1:" + Ports.free()), folder);
    }

    private void assertRefused(String tenant, int index, HttpError code) {
        RefusedException refused = catchThrowableOfType(RefusedException.class, () -> lookup.image(tenant, JOB, index));
        assertThat(refused.code()).isEqualTo(code);
    }
}
