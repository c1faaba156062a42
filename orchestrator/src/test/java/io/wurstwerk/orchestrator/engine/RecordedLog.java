package io.wurstwerk.orchestrator.engine;

import io.wurstwerk.orchestrator.job.JobId;
import io.wurstwerk.orchestrator.job.JobState;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/** Writes down what the engine orders of its log, a line an order. */
final class RecordedLog implements Ports.Log {
    final List<String> lines = new ArrayList<>();
    final List<Ports.Entry> written = new ArrayList<>();
    final List<Event.Raw> checkpoints = new ArrayList<>();

    private final Queue<Event.Committed> pending = new ArrayDeque<>();

    /** Every transaction so far is durable, and those that follow from it. */
    void commit(Engine engine) {
        while (!pending.isEmpty()) {
            engine.handle(pending.remove());
        }
    }

    /** The lines since the last call. */
    List<String> take() {
        List<String> taken = List.copyOf(lines);
        lines.clear();
        return taken;
    }

    @Override
    public void open(int partition, long epoch) {
        lines.add("open " + partition + "/" + epoch);
    }

    @Override
    public void commit(int partition, long epoch, long transaction, List<Ports.Entry> entries) {
        written.addAll(entries);
        pending.add(new Event.Committed(partition, epoch, transaction));
        lines.add("commit " + partition + "/" + epoch + " #" + transaction + " "
                + entries.stream().map(RecordedLog::brief).toList());
    }

    @Override
    public void commitPosition(int partition, long epoch, long nextOffset) {
        lines.add("position " + nextOffset);
    }

    @Override
    public void checkpoint(int partition, long epoch, String key, byte @Nullable [] value) {
        lines.add((value == null ? "tombstone " : "checkpoint ") + key);
        if (value != null) {
            checkpoints.add(new Event.Raw(key, value));
        }
    }

    @Override
    public void load(int partition, long epoch, JobId job, long offset) {
        lines.add("load " + offset);
    }

    @Override
    public void read(int partition, long epoch, boolean on) {
        lines.add("read " + partition + " " + on);
    }

    @Override
    public void close(int partition, long epoch) {
        lines.add("close " + partition + "/" + epoch);
    }

    private static String brief(Ports.Entry entry) {
        return switch (entry) {
            case Ports.Entry.Journal(JobId job, JournalEntry.Open(JobState.Accepted state))
            when state.attempts().started() == 0 -> Long.toString(state.job().offset());
            case Ports.Entry.Journal(JobId job, JournalEntry.Open(JobState.Open state)) ->
                state.getClass().getSimpleName() + " " + state.job().offset() + " " + state.attempts();
            case Ports.Entry.Journal(JobId job, JournalEntry.Closed closed) -> "closed " + closed.state();
            case Ports.Entry.Journal(JobId job, JournalEntry.CancelledUnseen _) -> "cancelled unseen";
            case Ports.Entry.Journal journal -> "forgotten";
            case Ports.Entry.Answer(JobState.Terminal state, String _) -> "answer " + state.name();
            case Ports.Entry.Tombstone _ -> "tombstone";
            case Ports.Entry.Parked parked -> "parked " + parked.offset() + " " + parked.reason();
        };
    }
}
