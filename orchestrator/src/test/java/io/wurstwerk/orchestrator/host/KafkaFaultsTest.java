package io.wurstwerk.orchestrator.host;

import static io.wurstwerk.orchestrator.stack.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.wurstwerk.orchestrator.stack.Fault;
import io.wurstwerk.orchestrator.stack.KafkaFrames;
import io.wurstwerk.orchestrator.stack.KafkaFrames.FinishingCommit;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a broker that cannot be reached well does to an engine at work. */
class KafkaFaultsTest {
    private static final String ANEW = "partitions given up, taken again and replayed";

    @TempDir
    static Path folder;

    private static Fronts fronts;

    @BeforeAll
    static void start() throws Exception {
        fronts = new Fronts(folder, "kafka", Member.Patience.SHIPPED.shortWithKafka());
    }

    @AfterAll
    static void stop() throws Exception {
        fronts.close();
        fronts.finish(KafkaFaultsTest.class);
    }

    @AfterEach
    void leave() throws Exception {
        fronts.leave();
    }

    @Test
    void latency() throws Exception {
        fronts.begin();
        fronts.meet(fronts.kafka, new Fault.Latency(Duration.ofMillis(25)));
        fronts.assertUnharmed("every request and every answer 25 ms late", "slower");
        assertThat(fronts.kafka.hits()).isPositive();
    }

    @Test
    void resets() throws Exception {
        fronts.begin();
        fronts.meet(fronts.kafka, new Fault.Reset());
        await(() -> fronts.kafka.hits() >= 10);
        fronts.kafka.end();
        fronts.assertUnharmed("every connection reset, ten times at least", "the clients connected again");
    }

    @Test
    void refusalUntilThePartitionsAreGivenUp() throws Exception {
        fronts.begin();
        fronts.meet(fronts.kafka, new Fault.Refuse());
        awaitGivenUp();
        fronts.kafka.end();
        fronts.assertUnharmed("broker down until transactions ran out of time", ANEW);
    }

    @Test
    void refusalAtTheStart() throws Exception {
        fronts.kafka.begin(new Fault.Refuse());
        fronts.join();
        fronts.submit();
        fronts.goOn();
        assertThat(fronts.member().joined()).isFalse();
        fronts.kafka.end();
        fronts.assertUnharmed("broker down when the engine starts", "the engine waited for it");
    }

    @Test
    void blackHole() throws Exception {
        fronts.begin();
        fronts.meet(fronts.kafka, new Fault.BlackHole());
        awaitGivenUp();
        fronts.kafka.end();
        fronts.assertUnharmed("black hole until transactions ran out of time", ANEW);
    }

    @Test
    void theAnswerToAWriteIsCut() throws Exception {
        fronts.begin();
        fronts.meet(fronts.kafka, new Fault.CutAnswer(1, KafkaFrames::isCompletion, KafkaFrames::isAnswer));
        await(() -> fronts.kafka.hits() == 1);
        fronts.assertUnharmed(
                "the records of a finish written, the broker's answer lost", "written once, though sent twice");
    }

    @Test
    void theAnswerToACommitIsCut() throws Exception {
        fronts.begin();
        fronts.meet(fronts.kafka, new Fault.CutAnswer(1, new FinishingCommit(false), KafkaFrames::isAnswer));
        await(() -> fronts.kafka.hits() == 1);
        fronts.assertUnharmed(
                "the transaction of a finish committed, the broker's answer lost once",
                "the client asked again and was told");
    }

    @Test
    void theOutcomeOfACommitThatWorkedStaysUnknown() throws Exception {
        fronts.begin();
        var commit = new FinishingCommit(true);
        fronts.meet(fronts.kafka, new Fault.CutAnswer(Integer.MAX_VALUE, commit, KafkaFrames::isAnswer));
        await(commit::over);
        assertThat(fronts.kafka.hits()).isPositive();
        fronts.assertUnharmed(
                "the transaction of a finish committed, the answer lost as often as it is asked for",
                "the next ownership found the answer in the journal and did not repeat it");
    }

    @Test
    void aCommitThatNeverArrives() throws Exception {
        fronts.begin();
        var commit = new FinishingCommit(true);
        fronts.meet(fronts.kafka, new Fault.LoseRequest(Integer.MAX_VALUE, commit));
        await(commit::over);
        assertThat(fronts.kafka.hits()).isPositive();
        fronts.assertUnharmed(
                "the commit of a finish lost on its way as often as it is sent",
                "aborted by the next ownership, which finished the job");
    }

    @Test
    void aBrokerWhoseDiskTakesNothing() throws Exception {
        fronts.begin();
        fronts.meet(fronts.kafka, new Fault.Reply(KafkaFrames::isOwnersWrite, KafkaFrames::storageError, false));
        awaitGivenUp();
        fronts.kafka.end();
        fronts.assertUnharmed("every write refused with KAFKA_STORAGE_ERROR, as by a full disk", ANEW);
    }

    /** No transaction comes through, so the engine gives up what it owns and reads it anew. */
    private static void awaitGivenUp() throws Exception {
        Member member = fronts.member();
        await(() -> member.failedCommits() >= 1);
    }
}
