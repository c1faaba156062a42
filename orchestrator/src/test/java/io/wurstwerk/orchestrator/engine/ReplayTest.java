package io.wurstwerk.orchestrator.engine;

import static io.wurstwerk.orchestrator.engine.Samples.NOW;
import static io.wurstwerk.orchestrator.engine.Samples.PIPELINE;
import static io.wurstwerk.orchestrator.engine.Samples.accepted;
import static io.wurstwerk.orchestrator.engine.Samples.id;
import static io.wurstwerk.orchestrator.engine.Samples.latents;
import static io.wurstwerk.orchestrator.engine.Samples.raw;
import static org.assertj.core.api.Assertions.assertThat;

import io.wurstwerk.orchestrator.job.Attempts;
import io.wurstwerk.orchestrator.job.JobId;
import io.wurstwerk.orchestrator.job.JobId.BodyHash;
import io.wurstwerk.orchestrator.job.JobState;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ReplayTest {
    private static final JournalEntry.Closed DONE =
            new JournalEntry.Closed(BodyHash.of(new byte[] {1}), "completed", NOW);

    private final Map<JobId, JournalEntry> journal = new LinkedHashMap<>();

    @Test
    void theFurthestCheckpointOfTheLatestAttemptIsWhereAJobGoesOn() {
        running(1, 2);
        Replay replay = replay(raw(latents(1, 1, 5)), raw(latents(1, 2, 10)), raw(latents(1, 2, 15)));
        assertThat(at(replay, 1)).isEqualTo(latents(1, 2, 15).key() + "@15");
        assertThat(replay.litter()).isEmpty();
    }

    @Test
    void aZombiesLateCheckpointDoesNotReplaceThatOfTheAttemptAfterIt() {
        running(1, 2);
        Replay replay = replay(raw(latents(1, 2, 5)), raw(latents(1, 1, 20)));
        assertThat(at(replay, 1)).endsWith("@5");
        Replay older = replay(raw(latents(1, 2, 10)), raw(latents(1, 2, 5)));
        assertThat(at(older, 1)).endsWith("@10");
    }

    @Test
    void checkpointsOfAnsweredAndUnknownJobsAreLitter() {
        journal.put(id(1), DONE);
        Replay replay = replay(raw(latents(1, 1, 5)), raw(latents(2, 1, 5)));
        assertThat(replay.checkpoints()).isEmpty();
        assertThat(replay.litter()).containsExactly(id(1) + "/0", id(2) + "/0");
    }

    @Test
    void damagedAndForeignCheckpointsAreLitterUnlessAGoodOneHasTheSameKey() {
        running(1, 1);
        running(2, 1);
        Event.Raw damaged = raw(latents(1, 1, 10));
        damaged.value()[9] ^= 1;
        var foreign = new Checkpoint(id(2), 0, 1, "another", new Checkpoint.Latents(10, new byte[4]));
        Replay replay = replay(raw(latents(1, 1, 5)), damaged, raw(foreign), new Event.Raw("rubbish", new byte[3]));
        assertThat(at(replay, 1)).endsWith("@5");
        assertThat(replay.checkpoints()).containsOnlyKeys(id(1));
        assertThat(replay.litter()).containsExactly(id(2) + "/0", "rubbish");
    }

    @Test
    void everyCrashIsCountedUnlessACheckpointCameBetween() {
        journal.put(id(1), new JournalEntry.Open(new JobState.Running(Samples.entry(1), new Attempts(2, 1, 0))));
        assertThat(replay().open().get(id(1)).attempts()).isEqualTo(new Attempts(2, 2, 0));
        assertThat(replay(raw(latents(1, 2, 5))).open().get(id(1)).attempts()).isEqualTo(new Attempts(2, 1, 5));
    }

    @Test
    void aPausedAWaitingAndAWaitingInLineJobHaveNotCrashed() {
        journal.put(id(1), new JournalEntry.Open(accepted(1)));
        journal.put(id(2), new JournalEntry.Open(accepted(2).start().pause()));
        journal.put(id(3), new JournalEntry.Open(accepted(3).start().await(JobState.Dependency.TRITON)));
        assertThat(replay().open().values()).allMatch(state -> state.attempts().crashes() == 0);
    }

    @Test
    void anAttemptThatThisProcessSurvivedIsNoCrashAndALaterOneIs() {
        running(1, 1);
        running(2, 2);
        Replay replay = Replay.of(
                new Event.Opened(0, 1, Samples.journal(journal), List.of()), PIPELINE, Map.of(id(1), 1, id(2), 1));
        assertThat(replay.open().get(id(1)).attempts()).isEqualTo(new Attempts(1, 0, 0));
        assertThat(replay.open().get(id(2)).attempts()).isEqualTo(new Attempts(2, 1, 0));
    }

    private void running(int number, int attempt) {
        journal.put(
                id(number),
                new JournalEntry.Open(new JobState.Running(Samples.entry(number), new Attempts(attempt, 0, 0))));
    }

    private Replay replay(Event.Raw... checkpoints) {
        return Replay.of(new Event.Opened(0, 1, Samples.journal(journal), List.of(checkpoints)), PIPELINE, Map.of());
    }

    private static String at(Replay replay, int number) {
        Checkpoint checkpoint = replay.checkpoints().get(id(number)).get(0);
        return checkpoint.key() + "@" + checkpoint.content().progress();
    }
}
