package io.wurstwerk.orchestrator.prompt;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.quarkus.runtime.StartupEvent;
import io.smallrye.reactive.messaging.ChannelRegistry;
import io.smallrye.reactive.messaging.PausableChannel;
import io.smallrye.reactive.messaging.annotations.Blocking;
import io.wurstwerk.orchestrator.fleet.Fleet;
import io.wurstwerk.orchestrator.job.Submission;
import io.wurstwerk.orchestrator.topic.Topic;
import io.wurstwerk.orchestrator.trace.JobTraces;
import io.wurstwerk.orchestrator.trace.Traceparent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Clock;
import java.time.Instant;
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
    private final Fleet fleet;
    private final ChannelRegistry channels;
    private final JobTraces traces;
    private final Clock clock;

    IntakeChannel(Intake intake, Fleet fleet, ChannelRegistry channels, JobTraces traces, Clock clock) {
        this.traces = traces;
        this.clock = clock;
        this.intake = intake;
        this.fleet = fleet;
        this.channels = channels;
    }

    void open(@Observes StartupEvent started) {
        PausableChannel channel = channels.getPausable(CHANNEL);
        fleet.onFirstConnection(() -> {
            channel.resume();
            LOG.info("intake is open");
        });
    }

    @Incoming(CHANNEL)
    @Outgoing("submissions")
    @Blocking
    ProducerRecord<String, byte[]> take(ConsumerRecord<byte[], byte[]> record) {
        Instant since = clock.instant();
        Submission submission = intake.take(record);
        LOG.debugf("%s-%d@%d is job %s", record.topic(), record.partition(), record.offset(), submission.job());
        var written = new ProducerRecord<>(
                Topic.SUBMISSIONS.topicName(), submission.job().value(), SubmissionJson.write(submission));
        if (traces.on()) {
            String trace = traces.taken(
                    SenderTrace.of(record), record.topic(), record.partition(), record.offset(), since, submission);
            if (trace != null) {
                written.headers().add(Traceparent.HEADER, trace.getBytes(US_ASCII));
            }
        }
        return written;
    }
}
