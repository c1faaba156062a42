package io.wurstwerk.orchestrator.ownership;

import io.cloudevents.core.builder.CloudEventBuilder;
import io.cloudevents.kafka.KafkaMessageFactory;
import io.wurstwerk.orchestrator.job.JobId;
import io.wurstwerk.orchestrator.job.JobState.Terminal;
import io.wurstwerk.orchestrator.topic.Topic;
import io.wurstwerk.orchestrator.trace.Traceparent;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/** The events that leave, as CloudEvents in binary mode, keyed by job id. */
public final class EventRecords {

    private static final URI SOURCE = URI.create("/wurstwerk/orchestrator");

    private EventRecords() {}

    /**
     * The one answer to a job. Its id is a function of job and state: a repetition has the same.
     *
     * @param trace for readers to go on with; null where nobody traces the job
     */
    static ProducerRecord<String, byte[]> terminal(Terminal state, Instant now, @Nullable String trace) {
        return traced(
                event(
                        Topic.IMAGES,
                        state.name(),
                        state.name(),
                        state.id(),
                        state.origin().tenant(),
                        EventJson.terminal(state),
                        now),
                trace);
    }

    /** @param trace of the job; null where nobody traces it */
    public static ProducerRecord<String, byte[]> progress(
            JobId job, String tenant, String id, byte[] data, Instant now, @Nullable String trace) {
        return traced(event(Topic.PROGRESS, "progress", id, job, tenant, data, now), trace);
    }

    private static ProducerRecord<String, byte[]> traced(ProducerRecord<String, byte[]> event, @Nullable String trace) {
        if (trace != null) {
            event.headers().add(Traceparent.HEADER, trace.getBytes(StandardCharsets.US_ASCII));
        }
        return event;
    }

    private static ProducerRecord<String, byte[]> event(
            Topic topic, String type, String id, JobId job, String tenant, byte[] data, Instant now) {
        var event = CloudEventBuilder.v1()
                .withId(job + "/" + id)
                .withSource(SOURCE)
                .withType("io.wurstwerk.image." + type + ".v1")
                .withSubject(job.value())
                .withTime(now.atOffset(ZoneOffset.UTC))
                .withExtension("tenantid", tenant)
                .withDataContentType("application/json")
                .withData(data)
                .build();
        return KafkaMessageFactory.<String>createWriter(topic.topicName(), job.value())
                .writeBinary(event);
    }
}
