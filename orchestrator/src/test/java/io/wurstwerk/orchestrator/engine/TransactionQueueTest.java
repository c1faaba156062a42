package io.wurstwerk.orchestrator.engine;

import static io.wurstwerk.orchestrator.engine.Samples.accepted;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TransactionQueueTest {
    private final RecordedLog log = new RecordedLog();
    private final List<String> done = new ArrayList<>();
    private final TransactionQueue queue = new TransactionQueue(3, 9, log);

    @Test
    void whatBecomesReadyDuringATransactionGoesIntoTheNextAllOfItTogether() {
        add(1);
        add(2);
        add(3);
        assertThat(log.lines).containsExactly("commit 3/9 #1 [1]");
        queue.committed(1);
        queue.flush();
        assertThat(done).containsExactly("1");
        assertThat(log.lines).containsExactly("commit 3/9 #1 [1]", "commit 3/9 #2 [2, 3]");
        assertThat(queue.idle()).isFalse();
        queue.committed(2);
        assertThat(done).containsExactly("1", "2", "3");
        assertThat(queue.idle()).isTrue();
    }

    @Test
    void whatWritesNothingHappensAfterAllThatWasAddedBefore() {
        queue.add(List.of(), () -> done.add("at once"));
        queue.flush();
        assertThat(done).containsExactly("at once");
        assertThat(log.lines).isEmpty();
        add(1);
        queue.add(List.of(), () -> done.add("position"));
        queue.flush();
        assertThat(done).containsExactly("at once");
        queue.committed(1);
        queue.flush();
        assertThat(done).containsExactly("at once", "1", "position");
    }

    @Test
    void anAnswerToAnotherTransactionStopsTheEngine() {
        assertThatThrownBy(() -> queue.committed(1)).isInstanceOf(IllegalStateException.class);
        add(1);
        assertThatThrownBy(() -> queue.committed(2))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("transaction 2 of partition 3 was committed while 1 is the last one");
        queue.committed(1);
        assertThatThrownBy(() -> queue.committed(1)).isInstanceOf(IllegalStateException.class);
    }

    private void add(int number) {
        var entry = new Ports.Entry.Journal(Samples.id(number), new JournalEntry.Open(accepted(number)));
        queue.add(List.of(entry), () -> done.add(Integer.toString(number)));
        queue.flush();
    }
}
