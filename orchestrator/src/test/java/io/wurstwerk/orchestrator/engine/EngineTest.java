package io.wurstwerk.orchestrator.engine;

import static io.wurstwerk.orchestrator.engine.Samples.NOW;
import static io.wurstwerk.orchestrator.engine.Samples.PIPELINE;
import static io.wurstwerk.orchestrator.engine.Samples.accepted;
import static io.wurstwerk.orchestrator.engine.Samples.id;
import static io.wurstwerk.orchestrator.engine.Samples.ordered;
import static org.assertj.core.api.Assertions.assertThat;

import io.wurstwerk.orchestrator.job.Attempts;
import io.wurstwerk.orchestrator.job.Course;
import io.wurstwerk.orchestrator.job.Failure;
import io.wurstwerk.orchestrator.job.ImageOrder;
import io.wurstwerk.orchestrator.job.JobId;
import io.wurstwerk.orchestrator.job.JobState;
import io.wurstwerk.orchestrator.job.StoredImage;
import io.wurstwerk.orchestrator.job.Submission;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The engine, an order at a time. */
class EngineTest {
    private final RecordedLog log = new RecordedLog();
    private final RecordedStudio studio = new RecordedStudio();
    private final Nobody nobody = new Nobody();
    private Instant now = NOW;
    private final Engine engine = engine(10);

    @Test
    void nothingIsOpenedBeforeTheModelsAreKnown() {
        engine.handle(new Event.Assigned(3));
        assertThat(log.take()).isEmpty();
        engine.handle(new Event.LaneReady("a", PIPELINE, 8));
        assertThat(log.take()).containsExactly("open 3/1");
    }

    @Test
    void theStartIsDurableBeforeTheFirstModelCall() {
        open(Map.of());
        engine.handle(new Event.Submitted(3, 1, 1, NOW, ordered(1)));
        engine.handle(new Event.Loaded(3, 1, id(1), ordered(1)));
        assertThat(log.take()).containsExactly("commit 3/1 #1 [1]", "load 1");
        assertThat(studio.begun).isEmpty();
        engine.handle(new Event.Committed(3, 1, 1));
        assertThat(log.take()).containsExactly("commit 3/1 #2 [Running 1 Attempts[started=1, crashes=0, progress=0]]");
        assertThat(studio.begun).isEmpty();
        engine.handle(new Event.Committed(3, 1, 2));
        assertThat(log.take()).containsExactly("position 2");
        assertThat(studio.begun).containsExactly(id(1));
    }

    @Test
    void aJobWhoseDeadlineHasPassedIsNotBegun() {
        open(Map.of());
        now = NOW.plus(Duration.ofHours(2));
        engine.handle(new Event.Submitted(3, 1, 1, NOW, ordered(1)));
        engine.handle(new Event.Loaded(3, 1, id(1), ordered(1)));
        engine.handle(new Event.Committed(3, 1, 1));
        assertThat(log.take())
                .containsExactly("commit 3/1 #1 [1]", "load 1", "commit 3/1 #2 [answer expired, closed expired]");
        assertThat(engine.openJobs()).isZero();
    }

    @Test
    void givingUpAPartitionThatIsNotHeldNamesNoOwnershipThatIs() {
        open(Map.of());
        engine.handle(new Event.Released(7));
        assertThat(log.take()).containsExactly("close 7/2");
        engine.handle(new Event.Assigned(8));
        assertThat(log.take()).containsExactly("open 8/3");
    }

    @Test
    void otherModelsAndUnknownOutcomesReopenThePartitionWithoutCountingACrash() {
        open(Map.of());
        begin(1);
        engine.handle(new Event.Submitted(3, 1, 2, NOW, ordered(2)));
        engine.handle(new Event.CommitFailed(3, 1, 3, false));
        assertThat(log.take()).last().isEqualTo("open 3/2");
        var running = new JobState.Running(Samples.entry(1), new Attempts(1, 0, 0));
        engine.handle(opened(3, 2, Map.of(id(1), new JournalEntry.Open(running))));
        assertThat(log.take()).contains("commit 3/2 #1 [Running 1 Attempts[started=2, crashes=0, progress=0]]");
        engine.handle(new Event.LaneReady("a", "others", 8));
        assertThat(log.take()).containsExactly("open 3/3");
        var second = new JobState.Running(Samples.entry(1), new Attempts(2, 0, 0));
        engine.handle(opened(3, 3, Map.of(id(1), new JournalEntry.Open(second))));
        assertThat(log.take()).contains("commit 3/3 #1 [Running 1 Attempts[started=3, crashes=0, progress=0]]");
    }

    @Test
    void anAttemptWhoseAnswerMayNotHaveBeenWrittenIsNoCrash() {
        open(Map.of());
        begin(1);
        engine.handle(new Event.CancelAsked(3, 1, id(1), NOW));
        engine.handle(new Event.Loaded(3, 1, id(1), ordered(1)));
        assertThat(log.take()).last().isEqualTo("commit 3/1 #3 [answer cancelled, closed cancelled, tombstone]");
        engine.handle(new Event.CommitFailed(3, 1, 3, false));
        var running = new JobState.Running(Samples.entry(1), new Attempts(1, 0, 0));
        engine.handle(opened(3, 2, Map.of(id(1), new JournalEntry.Open(running))));
        assertThat(log.take()).contains("commit 3/2 #1 [Running 1 Attempts[started=2, crashes=0, progress=0]]");
    }

    @Test
    void anAttemptOfAnotherProcessThatEndedMeanwhileIsACrash() {
        open(Map.of());
        begin(1);
        engine.handle(new Event.Lost(3));
        engine.handle(new Event.Assigned(3));
        var others = new JobState.Running(Samples.entry(1), new Attempts(2, 0, 0));
        log.take();
        engine.handle(opened(3, 2, Map.of(id(1), new JournalEntry.Open(others))));
        assertThat(log.take()).contains("commit 3/2 #1 [Running 1 Attempts[started=3, crashes=1, progress=0]]");
    }

    @Test
    void aPromotionWhoseDraftCannotBeReadWaitsForTheStoreAndThenBeginsAgain() {
        open(Map.of());
        for (int number = 1; number <= 2; number++) {
            engine.handle(new Event.Submitted(3, 1, number, NOW, promotion(number)));
            engine.handle(new Event.Loaded(3, 1, id(number), promotion(number)));
        }
        for (int transaction = 1; transaction <= 2; transaction++) {
            engine.handle(new Event.Committed(3, 1, transaction));
        }
        assertThat(studio.begun).containsExactly(id(1), id(2));
        for (ImageId image : List.copyOf(studio.images)) {
            engine.handle(new Event.Refused(image, new Event.Refusal.Outage(JobState.Dependency.STORE)));
        }
        assertThat(engine.activeImages()).isZero();
        assertThat(engine.lanes().getFirst().outstanding()).isZero();
        engine.handle(new Event.Tick());
        assertThat(studio.begun).hasSize(2);
        assertThat(engine.store()).isEqualTo(CircuitState.OPEN);
        now = NOW.plusSeconds(1);
        engine.handle(new Event.Tick());
        assertThat(engine.store()).isEqualTo(CircuitState.HALF_OPEN);
        // One finds out whether the store is back; then the other follows.
        assertThat(studio.begun).hasSize(3);
        engine.handle(new Event.Stepped(studio.images.getLast(), new Chalk(10)));
        assertThat(engine.store()).isEqualTo(CircuitState.CLOSED);
        assertThat(studio.begun).containsExactlyInAnyOrder(id(1), id(2), id(1), id(2));
        engine.handle(new Event.Refused(
                studio.images.getLast(), new Event.Refusal.Impossible(Failure.Code.DRAFT_NOT_FOUND, "gone")));
        assertThat(engine.openJobs()).isEqualTo(1);
    }

    @Test
    void theEndOfStageCIsACheckpointForWhichNobodyWaitsAndFromWhichTheNextOwnerDecodes() {
        open(Map.of());
        begin(1);
        // Ten steps, and a checkpoint every fourth.
        for (int step = 0; step <= 9; step++) {
            engine.handle(new Event.Stepped(studio.images.getLast(), new Chalk(step)));
        }
        assertThat(steps(log.checkpoints)).containsExactly(4, 8);
        log.take();
        engine.handle(new Event.Stepped(studio.images.getLast(), new Chalk(10)));
        assertThat(steps(log.checkpoints)).containsExactly(4, 8, 10);
        assertThat(studio.stepped).last().isEqualTo(new Chalk(10));
        // Nothing of the decode is kept, and the end of Stage C once.
        engine.handle(new Event.Stepped(studio.images.getLast(), new Chalk(10)));
        engine.handle(new Event.Released(3));
        assertThat(log.take())
                .filteredOn(line -> line.startsWith("checkpoint"))
                .containsExactly("checkpoint " + id(1) + "/0");

        Engine next = engine(10);
        next.handle(new Event.LaneReady("a", PIPELINE, 8));
        next.handle(new Event.Assigned(3));
        var running = new JobState.Running(Samples.entry(1), new Attempts(1, 0, 0));
        var journal = Samples.journal(Map.of(id(1), new JournalEntry.Open(running)));
        next.handle(new Event.Opened(3, 1, journal, log.checkpoints));
        next.handle(new Event.Loaded(3, 1, id(1), ordered(1)));
        next.handle(new Event.Committed(3, 1, 1));
        assertThat(studio.from).containsExactly(0, 10);
        log.take();
        next.handle(new Event.Stepped(studio.images.getLast(), new Chalk(10)));
        assertThat(studio.stepped).last().isEqualTo(new Chalk(10));
        assertThat(log.take()).noneMatch(line -> line.startsWith("checkpoint"));
    }

    private static List<Integer> steps(List<Event.Raw> checkpoints) {
        return checkpoints.stream()
                .map(raw -> Checkpoint.decode(raw.key(), raw.value()).orElseThrow())
                .map(checkpoint -> checkpoint.content().progress())
                .toList();
    }

    private static Submission.Ordered promotion(int number) {
        Submission.Ordered whole = ordered(number);
        var course = new Course.Promotion(id(9), null, null, null, null, null);
        return new Submission.Ordered(
                whole.job(),
                whole.origin(),
                whole.body(),
                whole.submittedAt(),
                course.of(whole.order(), 1),
                whole.priority(),
                whole.deadline());
    }

    @Test
    void whoWasFencedComesBackLaterAndNotAtOnce() {
        open(Map.of());
        engine.handle(new Event.Submitted(3, 1, 1, NOW, ordered(1)));
        engine.handle(new Event.CommitFailed(3, 1, 1, true));
        assertThat(log.take()).doesNotContain("open 3/2");
        now = NOW.plusSeconds(10);
        engine.handle(new Event.Tick());
        assertThat(log.take()).contains("open 3/2");
    }

    @Test
    void aSuspiciousJobRunsAlone() {
        var suspicious = new JobState.Accepted(Samples.entry(1), new Attempts(2, 2, 0));
        open(Map.of(id(1), new JournalEntry.Open(suspicious)));
        log.take();
        engine.handle(new Event.Submitted(3, 1, 2, NOW, ordered(2)));
        assertThat(log.take()).noneMatch(line -> line.startsWith("load 2"));
        engine.handle(new Event.CancelAsked(3, 1, id(1), NOW));
        assertThat(log.take()).contains("load 2");
    }

    @Test
    void theBoundOnOpenJobsIsThatOfAllPartitionsTogether() {
        Engine narrow = engine(2);
        narrow.handle(new Event.LaneReady("a", PIPELINE, 8));
        for (int partition = 0; partition < 2; partition++) {
            narrow.handle(new Event.Assigned(partition));
            narrow.handle(opened(partition, partition + 1, Map.of()));
        }
        narrow.handle(new Event.Submitted(0, 1, 1, NOW, ordered(1)));
        assertThat(log.take()).noneMatch(line -> line.startsWith("read"));
        narrow.handle(new Event.Submitted(1, 2, 2, NOW, ordered(2)));
        assertThat(log.take()).contains("read 1 false");
        narrow.handle(new Event.Tick());
        assertThat(log.take()).containsExactly("read 0 false");
        narrow.handle(new Event.CancelAsked(0, 1, id(1), NOW));
        narrow.handle(new Event.Tick());
        assertThat(log.take()).contains("read 0 true", "read 1 true");
    }

    @Test
    void onlyOneOfCancelledExpiredAndCompletedWins() {
        open(Map.of());
        begin(1);
        log.take();
        engine.handle(new Event.CancelAsked(3, 1, id(1), NOW));
        now = NOW.plus(Duration.ofHours(2));
        engine.handle(new Event.Tick());
        engine.handle(new Event.CancelAsked(3, 1, id(1), NOW));
        engine.handle(new Event.Stepped(studio.images.getLast(), new Chalk(1)));
        engine.handle(new Event.Loaded(3, 1, id(1), ordered(1)));
        assertThat(log.take())
                .containsExactly("load 1", "commit 3/1 #3 [answer cancelled, closed cancelled, tombstone]");
        assertThat(studio.abandoned).containsExactly(studio.images.getFirst());
    }

    @Test
    void oldAnswersAreForgottenAndYoungOnesAreNot() {
        var old = new JournalEntry.Closed(Samples.entry(1).body(), "completed", NOW.minus(Duration.ofDays(15)));
        var young = new JournalEntry.Closed(Samples.entry(2).body(), "completed", NOW.minus(Duration.ofDays(13)));
        open(Map.of(id(1), old));
        engine.handle(new Event.Tick());
        assertThat(log.take()).contains("commit 3/1 #1 [forgotten]");
        engine.handle(new Event.Assigned(4));
        engine.handle(opened(4, 2, Map.of(id(2), young)));
        log.take();
        engine.handle(new Event.Tick());
        assertThat(log.take()).isEmpty();
    }

    @Test
    void aPartitionThatRemembersAllTheAnswersItMayTakesNothingInUntilOldOnesAreForgotten() {
        Engine narrow = engine(10, 3);
        narrow.handle(new Event.LaneReady("a", PIPELINE, 8));
        narrow.handle(new Event.Assigned(3));
        var old = new JournalEntry.Closed(Samples.entry(1).body(), "completed", NOW.minus(Duration.ofDays(13)));
        narrow.handle(opened(3, 1, Map.of(id(1), old, id(2), old)));
        narrow.handle(new Event.Tick());
        assertThat(log.take()).noneMatch(line -> line.startsWith("read"));
        narrow.handle(new Event.Submitted(3, 1, 3, NOW, ordered(3)));
        assertThat(log.take()).contains("read 3 false");
        assertThat(nobody.full).containsExactly(2);
        narrow.handle(new Event.CancelAsked(3, 1, id(3), NOW));
        narrow.handle(new Event.Loaded(3, 1, id(3), ordered(3)));
        narrow.handle(new Event.Tick());
        assertThat(narrow.answers()).isEqualTo(3);
        assertThat(log.take()).noneMatch(line -> line.startsWith("read"));
        now = NOW.plus(Duration.ofDays(2));
        narrow.handle(new Event.Tick());
        assertThat(narrow.answers()).isEqualTo(1);
        assertThat(log.take()).contains("read 3 true");
    }

    @Test
    void everyJobIsAnsweredOrOwesItsAnswerWhateverHappens() {
        SplittableRandom random = new SplittableRandom(4);
        engine.handle(new Event.LaneReady("a", PIPELINE, 8));
        engine.handle(new Event.Assigned(3));
        engine.handle(opened(3, 1, Map.of(id(1), new JournalEntry.Open(accepted(1)))));
        long transaction = 0;
        int answers = 0;
        for (int i = 0; i < 3_000; i++) {
            int number = 1 + random.nextInt(60);
            now = now.plusSeconds(random.nextInt(100));
            List<String> orders = log.take();
            for (String order : orders) {
                if (order.startsWith("commit")) {
                    transaction++;
                } else if (order.startsWith("load") && random.nextInt(4) > 0) {
                    int loaded = Integer.parseInt(order.substring("load ".length()));
                    engine.handle(new Event.Loaded(3, 1, id(loaded), ordered(loaded)));
                    assertThat(engine.unaccounted()).isZero();
                }
            }
            if (transaction > answers && random.nextInt(3) > 0) {
                engine.handle(new Event.Committed(3, 1, ++answers));
            } else if (random.nextInt(3) == 0) {
                engine.handle(new Event.CancelAsked(3, 1, id(number), now));
            } else {
                engine.handle(new Event.Submitted(3, 1, number, now, ordered(number)));
            }
            assertThat(engine.unaccounted()).isZero();
        }
        assertThat(engine.answers()).isGreaterThan(20);
    }

    @Test
    void theTimeOfATakeoverRunsFromTheAssignmentOverEveryTry() {
        engine.handle(new Event.Assigned(3));
        now = NOW.plusSeconds(1);
        engine.handle(new Event.LaneReady("a", PIPELINE, 8));
        engine.handle(new Event.OpenFailed(3, 1));
        now = NOW.plusSeconds(7);
        engine.handle(new Event.Tick());
        assertThat(log.take()).contains("open 3/2");
        now = NOW.plusSeconds(9);
        engine.handle(opened(3, 2, Map.of()));
        engine.handle(new Event.CommitFailed(3, 2, 1, false));
        now = NOW.plusSeconds(10);
        engine.handle(opened(3, 3, Map.of()));
        assertThat(nobody.takeovers).containsExactly(Duration.ofSeconds(9), Duration.ofSeconds(1));
    }

    @Test
    void theTimeOfAFinishRunsFromTheDecisionToTheEndOfItsTransaction() {
        open(Map.of());
        engine.handle(new Event.Submitted(3, 1, 1, NOW, ordered(1)));
        engine.handle(new Event.CancelAsked(3, 1, id(1), NOW));
        now = NOW.plusSeconds(1);
        engine.handle(new Event.Loaded(3, 1, id(1), ordered(1)));
        now = NOW.plusSeconds(2);
        engine.handle(new Event.Committed(3, 1, 1));
        now = NOW.plusSeconds(5);
        engine.handle(new Event.Committed(3, 1, 2));
        assertThat(nobody.finishes).containsExactly(Duration.ofSeconds(4));
    }

    private void open(Map<JobId, JournalEntry> journal) {
        engine.handle(new Event.LaneReady("a", PIPELINE, 8));
        engine.handle(new Event.Assigned(3));
        engine.handle(opened(3, 1, journal));
        log.lines.remove("open 3/1");
    }

    private static Event.Opened opened(int partition, long epoch, Map<JobId, JournalEntry> journal) {
        return new Event.Opened(partition, epoch, Samples.journal(journal), List.of());
    }

    private void begin(int number) {
        engine.handle(new Event.Submitted(3, 1, number, NOW, ordered(number)));
        engine.handle(new Event.Loaded(3, 1, id(number), ordered(number)));
        engine.handle(new Event.Committed(3, 1, 1));
        engine.handle(new Event.Committed(3, 1, 2));
        assertThat(studio.begun).containsExactly(accepted(number).job().id());
    }

    private Engine engine(int openJobs) {
        return engine(openJobs, 1_000);
    }

    private Engine engine(int openJobs, int answers) {
        var settings = new EngineSettings(
                2,
                openJobs,
                4,
                Duration.ofMinutes(5),
                Duration.ofMillis(100),
                Duration.ofSeconds(5),
                Duration.ofDays(14),
                answers,
                10);
        return new Engine(
                new Parts(log, studio, new Nowhere()),
                settings,
                new Clock() {
                    @Override
                    public Instant instant() {
                        return now;
                    }

                    @Override
                    public ZoneId getZone() {
                        return ZoneOffset.UTC;
                    }

                    @Override
                    public Clock withZone(ZoneId zone) {
                        return this;
                    }
                },
                new SplittableRandom(1),
                _ -> 1,
                nobody);
    }

    private record Parts(Log log, Studio studio, Gallery gallery) implements Ports {}

    private record Chalk(int stageCSteps) implements Canvas {
        @Override
        public boolean resumable() {
            return true;
        }

        @Override
        public byte[] state() {
            return new byte[] {1};
        }
    }

    private static final class RecordedStudio implements Ports.Studio {
        final List<JobId> begun = new ArrayList<>();
        final List<ImageId> images = new ArrayList<>();
        /** Steps of Stage C that were done before each beginning. */
        final List<Integer> from = new ArrayList<>();

        final List<Canvas> stepped = new ArrayList<>();
        final List<ImageId> abandoned = new ArrayList<>();

        @Override
        public void begin(
                ImageId image, String lane, String tenant, ImageOrder order, Optional<Checkpoint.Latents> latents) {
            begun.add(image.job());
            images.add(image);
            from.add(latents.map(Checkpoint.Latents::nextStep).orElse(0));
        }

        @Override
        public void step(ImageId image, String lane, Canvas canvas) {
            images.add(image);
            stepped.add(canvas);
        }

        @Override
        public void abandon(ImageId image) {
            abandoned.add(image);
        }
    }

    private static final class Nowhere implements Ports.Gallery {
        @Override
        public void keep(ImageId image, String tenant, Picture picture) {
            throw new AssertionError("nothing is drawn to its end here");
        }

        @Override
        public StoredImage sign(int index, StoredObject object) {
            throw new AssertionError("nothing is stored here");
        }
    }
}
