package io.wurstwerk.orchestrator.prompt;

import io.cloudevents.core.builder.CloudEventBuilder;
import io.cloudevents.kafka.KafkaMessageFactory;
import io.wurstwerk.orchestrator.job.JobId;
import io.wurstwerk.orchestrator.job.Origin;
import io.wurstwerk.orchestrator.topic.Topic;
import java.net.URI;
import java.time.Instant;
import java.time.ZoneOffset;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Prompt events as this program itself sends them: what came in over HTTP goes the way of every other wish. */
public final class PromptRecords {

    private PromptRecords() {}

    /**
     * A CloudEvent in binary mode, keyed by the job that it asks for, so that equal wishes stay in order.
     *
     * @param body the request, byte for byte as its sender wrote it
     */
    public static ProducerRecord<String, byte[]> of(Origin origin, byte[] body, Instant now) {
        var event = CloudEventBuilder.v1()
                .withId(origin.id())
                .withSource(URI.create(origin.source()))
                .withType(PromptEventReader.TYPE)
                .withTime(now.atOffset(ZoneOffset.UTC))
                .withExtension("tenantid", origin.tenant())
                .withDataContentType("application/json")
                .withData(body)
                .build();
        return KafkaMessageFactory.<String>createWriter(
                        Topic.PROMPTS.topicName(), JobId.of(origin).value())
                .writeBinary(event);
    }
}
