package io.wurstwerk.orchestrator.host;

import static io.wurstwerk.orchestrator.stack.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.wurstwerk.orchestrator.stack.Fault;
import io.wurstwerk.orchestrator.stack.FlawedBlobs.Flaw;
import io.wurstwerk.orchestrator.stack.S3Frames;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a store that cannot be reached well, or keeps badly, does to an engine at work. */
class StoreFaultsTest {
    private static final String WAITED = "pictures waited drawn, no step repeated, no attempt counted";

    @TempDir
    static Path folder;

    private static Fronts fronts;

    @BeforeAll
    static void start() throws Exception {
        fronts = new Fronts(folder, "store", Member.Patience.SHIPPED.shortWithStore());
    }

    @AfterAll
    static void stop() throws Exception {
        fronts.close();
        fronts.finish(StoreFaultsTest.class);
    }

    @AfterEach
    void leave() throws Exception {
        fronts.rest();
    }

    @Test
    void latency() throws Exception {
        fronts.begin();
        fronts.meet(fronts.store, new Fault.Latency(Duration.ofMillis(25)));
        assertUnharmed("every packet 25 ms late", "slower, no step repeated");
        assertThat(fronts.store.hits()).isPositive();
    }

    @Test
    void resets() throws Exception {
        outage("every connection reset", new Fault.Reset());
    }

    @Test
    void refusal() throws Exception {
        outage("store down", new Fault.Refuse());
    }

    @Test
    void blackHole() throws Exception {
        outage("black hole until uploads ran out of time", new Fault.BlackHole());
    }

    @Test
    void internalError() throws Exception {
        outage("every request answered 500", error(500, "InternalError"));
    }

    @Test
    void unavailable() throws Exception {
        outage("every request answered 503", error(503, "SlowDown"));
    }

    @Test
    void fullDisk() throws Exception {
        outage("every upload answered 507, disk full", error(507, "XMinioStorageFull"));
    }

    @Test
    void refusedCredentials() throws Exception {
        outage("every request answered 403, as for wrong credentials", error(403, "InvalidAccessKeyId"));
    }

    @Test
    void theAnswerToAnUploadIsCut() throws Exception {
        fronts.begin();
        fronts.meet(fronts.store, new Fault.CutAnswer(2, S3Frames::isPut, (_, unit) -> S3Frames.isSuccess(unit)));
        await(() -> fronts.store.hits() == 2);
        assertUnharmed("an image kept, the store's answer lost", "put again under the same key, no step repeated");
    }

    @Test
    void aTruncatedObject() throws Exception {
        keptBadly(Flaw.TRUNCATED, "an image kept in part, and answered 200");
    }

    @Test
    void aDamagedObject() throws Exception {
        keptBadly(Flaw.DAMAGED, "an image kept with a wrong byte, and answered 200");
    }

    private static void keptBadly(Flaw flaw, String fault) throws Exception {
        fronts.begin();
        int puts = fronts.works.store.blobs.puts();
        fronts.works.store.blobs.spoil(flaw, 2);
        fronts.goOn();
        assertUnharmed(fault, "found before it was published, put again; no step repeated");
        // Six, the two that were kept badly again, and the one that shows that the engine goes on.
        assertThat(fronts.works.store.blobs.puts() - puts).isEqualTo(6 + 2 + 1);
    }

    private static void outage(String fault, Fault met) throws Exception {
        fronts.begin();
        fronts.meet(fronts.store, met);
        await(() -> fronts.waits() >= 2);
        fronts.store.end();
        assertUnharmed(fault, WAITED);
    }

    private static Fault error(int status, String code) {
        return new Fault.Reply(S3Frames::isRequest, _ -> S3Frames.error(status, code), true);
    }

    private static void assertUnharmed(String fault, String seen) throws Exception {
        fronts.assertUnharmed(fault, seen);
        assertThat(fronts.repeatedSteps()).isZero();
        assertThat(fronts.worst("started")).isEqualTo(1);
    }
}
