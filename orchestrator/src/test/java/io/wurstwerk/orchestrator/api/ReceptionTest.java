package io.wurstwerk.orchestrator.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.wurstwerk.orchestrator.contract.HttpError;
import io.wurstwerk.orchestrator.job.JobId;
import io.wurstwerk.orchestrator.job.Origin;
import io.wurstwerk.orchestrator.job.Submission;
import io.wurstwerk.orchestrator.prompt.Intake;
import io.wurstwerk.orchestrator.tenancy.Quotas;
import io.wurstwerk.orchestrator.view.JobView;
import io.wurstwerk.orchestrator.view.Views;
import io.wurstwerk.pipeline.Catalog;
import io.wurstwerk.pipeline.Checkpoint;
import io.wurstwerk.pipeline.diffusion.ImageSize;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReceptionTest {

    private static final Clock CLOCK = Clock.fixed(Instant.parse("2030-01-01T00:00:00Z"), ZoneOffset.UTC);
    private static final Catalog CATALOG = new Catalog(
            List.of(new Checkpoint("interpolated", 4.0, "", new ImageSize(256, 256), 128, 1536, 128, List.of())));

    @TempDir
    Path folder;

    private final Kafka kafka = new Kafka();
    private final Intake intake = new Intake(() -> CATALOG, Duration.ofHours(24), CLOCK);
    private JobView view;
    private Reception reception;

    /** Takes every record, unless it is told to be away. */
    private static final class Kafka extends MockProducer<String, byte[]> {
        private final List<ProducerRecord<String, byte[]>> sent = new ArrayList<>();
        private Consumer<ProducerRecord<String, byte[]>> reader = record -> {};
        private boolean away;

        Kafka() {
            super(true, null, new StringSerializer(), new ByteArraySerializer());
        }

        @Override
        public synchronized Future<RecordMetadata> send(ProducerRecord<String, byte[]> record) {
            if (away) {
                throw new TimeoutException("nobody there");
            }
            sent.add(record);
            reader.accept(record);
            return super.send(record);
        }
    }

    @BeforeEach
    void open() {
        view = Views.open(folder, CLOCK);
        reception = reception(new Quotas(2, 100, CLOCK));
    }

    @AfterEach
    void close() {
        view.close();
    }

    private Reception reception(Quotas quotas) {
        return new Reception(intake, view, new Requests(kafka, CLOCK), quotas, new Random(1), 3, 1);
    }

    @Test
    void aRequestIsSentAsTheSameEventThatIntakeWouldRead() throws Exception {
        byte[] body = "{ \"prompt\": \"a fox\" }".getBytes(UTF_8);
        Reception.Receipt receipt = reception.submit("acme", null, body, Duration.ZERO);
        ProducerRecord<String, byte[]> record = kafka.sent.getFirst();
        assertThat(record.topic()).isEqualTo("wurstwerk.prompts");
        assertThat(record.key()).isEqualTo(receipt.id().value());
        assertThat(record.value()).isEqualTo(body);
        assertThat(header(record, "ce_type")).isEqualTo("io.wurstwerk.image.requested.v1");
        assertThat(header(record, "ce_source")).isEqualTo("http:/v1/images");
        assertThat(header(record, "ce_tenantid")).isEqualTo("acme");
        assertThat(receipt.id()).isEqualTo(JobId.of(new Origin("acme", "http:/v1/images", header(record, "ce_id"))));
        assertThat(receipt.ended()).isFalse();
        assertThat(receipt.job().path("state").textValue()).isEqualTo("submitted");
    }

    @Test
    void whatIntakeWouldRefuseIsNotSent() {
        for (String wrong : List.of("{}", "rubbish", "{\"prompt\": \"a\", \"width\": 1}")) {
            RefusedException refused = catchThrowableOfType(RefusedException.class, () -> submit("acme", null, wrong));
            assertThat(refused.code().status()).isEqualTo(400);
        }
        assertThat(kafka.sent).isEmpty();
        assertThat(view.openJobs()).isZero();
    }

    @Test
    void aRequestThatIsNotKnownToBeSentIsForgotten() {
        kafka.away = true;
        RefusedException refused =
                catchThrowableOfType(RefusedException.class, () -> submit("acme", "k", "{\"prompt\": \"a\"}"));
        assertThat(refused.code()).isEqualTo(HttpError.UNAVAILABLE);
        assertThat(refused.retryAfterSeconds()).isPositive();
        assertThat(view.openJobs()).isZero();
    }

    @Test
    void theBodyThatWasFirstInTheTopicDecidesAConflict() throws Exception {
        // Another instance was faster: the topic tells of its body first.
        kafka.reader =
                record -> Views.submitted(view, intake.foresee(origin("k"), "{\"prompt\": \"b\"}".getBytes(UTF_8)));
        RefusedException refused =
                catchThrowableOfType(RefusedException.class, () -> submit("acme", "k", "{\"prompt\": \"a\"}"));
        assertThat(refused.code()).isEqualTo(HttpError.CONFLICT);
        assertThat(submit("acme", "k", "{\"prompt\":  \"b\"}").id()).isEqualTo(JobId.of(origin("k")));
        assertThat(kafka.sent).as("a known job is not sent again").hasSize(1);
    }

    @Test
    void quotasAndTheQueuesBoundAreToldWithTheTimeToComeBack() throws Exception {
        submit("acme", null, "{\"prompt\": \"a\"}");
        submit("acme", null, "{\"prompt\": \"a\"}");
        assertRefused("acme", HttpError.QUOTA_EXCEEDED, 10);
        submit("bolt", null, "{\"prompt\": \"a\"}");
        assertRefused("bolt", HttpError.QUEUE_FULL, 10);
        reception = reception(new Quotas(2, 1, CLOCK));
        assertRefused("bolt", HttpError.QUEUE_FULL, 10);
        assertRefused("bolt", HttpError.QUOTA_EXCEEDED, 60);
    }

    @Test
    void moreThanMayWaitAreAnsweredAtOnce() throws Exception {
        Submission.Ordered order =
                (Submission.Ordered) intake.foresee(origin("k"), "{\"prompt\": \"a\"}".getBytes(UTF_8));
        Views.submitted(view, order);
        Reception.Receipt receipt = reception.receipt("acme", order.job(), Duration.ofMillis(1));
        assertThat(receipt.waited()).isTrue();
        assertThat(receipt.ended()).isFalse();
        Reception full =
                new Reception(intake, view, new Requests(kafka, CLOCK), new Quotas(1, 1, CLOCK), new Random(1), 1, 0);
        assertThat(full.receipt("acme", order.job(), Duration.ofHours(1)).waited())
                .isFalse();
    }

    private Reception.Receipt submit(String tenant, String key, String body) throws InterruptedException {
        // Nobody reads the topic here, so a name is never confirmed: only one that is known is not waited for.
        return reception.submit(tenant, key, body.getBytes(UTF_8), Duration.ZERO);
    }

    private void assertRefused(String tenant, HttpError code, int seconds) {
        RefusedException refused =
                catchThrowableOfType(RefusedException.class, () -> submit(tenant, null, "{\"prompt\": \"a\"}"));
        assertThat(refused.code()).isEqualTo(code);
        assertThat(refused.retryAfterSeconds()).isEqualTo(seconds);
    }

    private static Origin origin(String key) {
        return new Origin("acme", Reception.SOURCE, key);
    }

    private static String header(ProducerRecord<String, byte[]> record, String name) {
        return new String(record.headers().lastHeader(name).value(), UTF_8);
    }
}
