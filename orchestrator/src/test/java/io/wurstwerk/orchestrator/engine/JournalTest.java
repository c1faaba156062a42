package io.wurstwerk.orchestrator.engine;

import static io.wurstwerk.orchestrator.engine.Samples.NOW;
import static io.wurstwerk.orchestrator.engine.Samples.accepted;
import static io.wurstwerk.orchestrator.engine.Samples.id;
import static org.assertj.core.api.Assertions.assertThat;

import io.wurstwerk.orchestrator.job.JobId.BodyHash;
import java.util.Map;
import org.junit.jupiter.api.Test;

class JournalTest {
    private static final JournalEntry.Closed DONE =
            new JournalEntry.Closed(BodyHash.of(new byte[] {1}), "completed", NOW);

    private final Journal journal = new Journal();

    @Test
    void theLastWordOnAJobIsAllThatCounts() {
        journal.take(id(1), new JournalEntry.CancelledUnseen(NOW));
        journal.take(id(2), new JournalEntry.CancelledUnseen(NOW));
        journal.take(id(2), new JournalEntry.Open(accepted(2)));
        journal.take(id(3), new JournalEntry.Open(accepted(3)));
        journal.take(id(3), DONE);
        journal.take(id(4), DONE);
        journal.take(id(4), null);
        journal.take(id(5), DONE);
        journal.take(id(5), null);
        journal.take(id(5), new JournalEntry.Open(accepted(5)));
        assertThat(journal.cancelled()).isEqualTo(Map.of(id(1), NOW));
        assertThat(journal.open()).isEqualTo(Map.of(id(2), accepted(2), id(5), accepted(5)));
        assertThat(journal.answers()).isEqualTo(1);
        assertThat(journal.answered(id(3))).isTrue();
        assertThat(journal.answered(id(4))).isFalse();
    }
}
