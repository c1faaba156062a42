package io.wurstwerk.orchestrator.prompt;

import io.quarkus.runtime.StartupEvent;
import io.smallrye.reactive.messaging.ChannelRegistry;
import io.smallrye.reactive.messaging.PausableChannel;
import io.smallrye.reactive.messaging.annotations.Blocking;
import io.wurstwerk.orchestrator.fleet.Lane;
import io.wurstwerk.orchestrator.job.Submission;
import io.wurstwerk.orchestrator.topic.Topic;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.eclipse.microprofile.reactive.messaging.Outgoing;
import org.jboss.logging.Logger;

/**
 * Intake's place in the framework. The channel starts paused and opens once the models have said what they can draw:
 * until then nothing can be judged, and events wait in Kafka.
 */
@ApplicationScoped
class IntakeChannel {

    private static final Logger LOG = Logger.getLogger(IntakeChannel.class);
    private static final String CHANNEL = "prompts";

    private final Intake intake;
    private final Lane lane;
    private final ChannelRegistry channels;

    IntakeChannel(Intake intake, Lane lane, ChannelRegistry channels) {
        this.intake = intake;
        this.lane = lane;
        this.channels = channels;
    }

    void open(@Observes StartupEvent started) {
        PausableChannel channel = channels.getPausable(CHANNEL);
        lane.onFirstConnection(() -> {
            channel.resume();
            LOG.info("intake is open");
        });
    }

    @Incoming(CHANNEL)
    @Outgoing("submissions")
    @Blocking
    ProducerRecord<String, byte[]> take(ConsumerRecord<byte[], byte[]> record) {
        Submission submission = intake.take(record);
        LOG.debugf("%s-%d@%d is job %s", record.topic(), record.partition(), record.offset(), submission.job());
        return new ProducerRecord<>(
                Topic.SUBMISSIONS.topicName(), submission.job().value(), SubmissionJson.write(submission));
    }
}
