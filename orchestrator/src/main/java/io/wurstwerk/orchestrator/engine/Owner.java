package io.wurstwerk.orchestrator.engine;

import io.wurstwerk.orchestrator.engine.Answered.Verdict;
import io.wurstwerk.orchestrator.engine.Ports.Entry;
import io.wurstwerk.orchestrator.job.Attempts;
import io.wurstwerk.orchestrator.job.Failure;
import io.wurstwerk.orchestrator.job.JobEntry;
import io.wurstwerk.orchestrator.job.JobId;
import io.wurstwerk.orchestrator.job.JobId.BodyHash;
import io.wurstwerk.orchestrator.job.JobState;
import io.wurstwerk.orchestrator.job.JobState.Terminal;
import io.wurstwerk.orchestrator.job.Origin;
import io.wurstwerk.orchestrator.job.Rejection;
import io.wurstwerk.orchestrator.job.Submission;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One ownership of one partition: the jobs in it, what the journal will say of them, and the answers. It ends when the
 * partition goes away or a transaction's outcome is unknown; the next ownership reads the logs again and goes on.
 */
final class Owner {

    /** What the owner needs from the engine around it. */
    interface Floor {
        Instant now();

        /** Jobs that owe an answer, over all partitions of the process. */
        int openJobs();

        /** A job may be worked on. */
        void queue(Owner owner, JobState.Accepted job);

        /** A job is over or has left: it is not to be worked on any more. */
        void withdraw(Owner owner, JobId job);

        /**
         * The answer to a job is durable.
         *
         * @param took from the order to write it
         */
        void answered(Owner owner, Terminal answer, Duration took);

        double cost(Submission.Ordered submission);

        EngineListener listener();
    }

    private final int partition;
    private final long epoch;
    private final Ports ports;
    private final EngineSettings settings;
    private final Floor floor;
    private final TransactionQueue transactions;
    private final Map<JobId, JobState.Open> open = new LinkedHashMap<>();
    private final Map<JobId, Instant> cancelledUnseen = new LinkedHashMap<>();
    private final Map<JobId, Map<Integer, Checkpoint>> checkpoints = new HashMap<>();
    /** Jobs that will be answered as soon as their submission has been read again: nothing else may win. */
    private final Map<JobId, Ending> endings = new HashMap<>();

    private Answered answered = new Answered();
    private final Balance balance = new Balance();
    private boolean opened;
    private boolean reading = true;
    private boolean releasing;

    /** How a job will end once its submission has been read again: the answer repeats who asked. */
    private record Ending(JobState.Open state, Function<Origin, Terminal> answer, List<Entry> besides) {}

    Owner(int partition, long epoch, Ports ports, EngineSettings settings, Floor floor) {
        this.partition = partition;
        this.epoch = epoch;
        this.ports = ports;
        this.settings = settings;
        this.floor = floor;
        this.transactions = new TransactionQueue(partition, epoch, ports.log());
    }

    int partition() {
        return partition;
    }

    long epoch() {
        return epoch;
    }

    boolean releasing() {
        return releasing;
    }

    int openJobs() {
        return open.size();
    }

    int answers() {
        return answered.size();
    }

    /** Jobs that have been lost from sight: neither answered nor owing their answer. Always zero. */
    long unaccounted() {
        return balance.unaccounted(open.size() + endings.size());
    }

    Map<Integer, Checkpoint> checkpoints(JobId job) {
        return checkpoints.getOrDefault(job, Map.of());
    }

    // ---- taking over

    /** @param survived attempts that ended without a crash, because this process knows how */
    void open(Event.Opened event, String pipeline, Map<JobId, Integer> survived) {
        Replay replay = Replay.of(event, pipeline, survived);
        opened = true;
        answered = event.journal().answered();
        cancelledUnseen.putAll(event.journal().cancelled());
        checkpoints.putAll(replay.checkpoints());
        replay.litter().forEach(key -> ports.log().checkpoint(partition, epoch, key, null));
        balance.came(replay.open().size());
        replay.open().forEach((id, state) -> {
            JobState.Accepted accepted = new JobState.Accepted(state.job(), state.attempts());
            open.put(id, accepted);
            if (accepted.attempts().exhausted()) {
                giveUp(accepted);
            } else {
                floor.queue(this, accepted);
            }
        });
    }

    // ---- submissions and commands

    void submitted(Event.Submitted event) {
        requireOpened();
        Submission submission = event.submission();
        dropOldCancels(event.writtenAt());
        switch (verdict(submission.job(), submission.body())) {
            case UNKNOWN -> first(submission, event.offset());
            case SAME_BODY -> floor.listener().duplicate();
            case OTHER_BODY -> conflict(submission);
        }
        position(event.offset());
        throttle();
    }

    /** A record that cannot be understood has no job to answer. */
    void unintelligible(Event.Unintelligible event) {
        floor.listener().unintelligible(partition, event.offset());
        position(event.offset());
    }

    void cancelAsked(Event.CancelAsked event) {
        JobState.Open state = open.get(event.job());
        if (state != null) {
            end(state, state::cancel, List.of());
        } else if (!answered.contains(event.job())
                && !endings.containsKey(event.job())
                && cancelledUnseen.size() < settings.unseenCancels()) {
            cancelledUnseen.put(event.job(), event.writtenAt());
            write(List.of(new Entry.Journal(event.job(), new JournalEntry.CancelledUnseen(event.writtenAt()))));
        }
    }

    private Verdict verdict(JobId job, BodyHash body) {
        JobState.Open state = open.get(job);
        Ending ending = endings.get(job);
        if (state == null && ending == null) {
            return answered.verdict(job, body);
        }
        BodyHash known = (state == null ? Objects.requireNonNull(ending).state() : state)
                .job()
                .body();
        return known.equals(body) ? Verdict.SAME_BODY : Verdict.OTHER_BODY;
    }

    private void first(Submission submission, long offset) {
        balance.came(1);
        boolean cancelled = cancelledUnseen.remove(submission.job()) != null;
        switch (submission) {
            case Submission.Refused refused ->
                answer(
                        new Terminal.Rejected(refused.job(), refused.origin(), refused.rejection()),
                        refused.body(),
                        refused.trace(),
                        List.of());
            case Submission.Ordered ordered
            when cancelled ->
                answer(
                        new Terminal.Cancelled(ordered.job(), ordered.origin()),
                        ordered.body(),
                        ordered.trace(),
                        List.of());
            case Submission.Ordered ordered -> accept(ordered, offset);
        }
    }

    private void accept(Submission.Ordered ordered, long offset) {
        JobEntry entry = new JobEntry(
                ordered.job(),
                ordered.body(),
                ordered.origin().tenant(),
                ordered.priority(),
                ordered.order().images(),
                floor.cost(ordered),
                ordered.submittedAt(),
                ordered.deadline(),
                offset,
                ordered.trace());
        JobState.Accepted accepted = new JobState.Accepted(entry, Attempts.NONE);
        open.put(entry.id(), accepted);
        write(List.of(journal(accepted)));
        floor.listener().accepted();
        floor.queue(this, accepted);
    }

    private void conflict(Submission submission) {
        JobId conflict = submission.job().conflictWith(submission.body());
        if (answered.contains(conflict)) {
            floor.listener().duplicate();
            return;
        }
        balance.came(1);
        answer(
                new Terminal.Rejected(conflict, submission.origin(), Rejection.conflict()),
                submission.body(),
                submission.trace(),
                List.of());
    }

    private void dropOldCancels(Instant readUpTo) {
        List<Entry> dropped = new ArrayList<>();
        cancelledUnseen.entrySet().removeIf(cancel -> {
            boolean past = cancel.getValue().isBefore(readUpTo.minus(settings.ageing()));
            if (past) {
                dropped.add(new Entry.Journal(cancel.getKey(), null));
            }
            return past;
        });
        if (!dropped.isEmpty()) {
            write(dropped);
        }
    }

    // ---- the life of a job

    /** The start is durable before {@code then} runs: a job that kills its process is counted. */
    void start(JobState.Running running, Runnable then) {
        floor.listener().started(partition, running);
        open.put(running.job().id(), running);
        transactions.add(List.of(journal(running)), then);
        transactions.flush();
    }

    void become(JobState.Open state) {
        open.put(state.job().id(), state);
        write(List.of(journal(state)));
    }

    /** @return whether the job still owes its answer here */
    boolean owes(JobId job) {
        return open.containsKey(job);
    }

    void expire(JobId job, Instant now) {
        JobState.Open state = open.get(job);
        if (state != null) {
            end(state, origin -> state.expire(origin, now), List.of());
        }
    }

    /** Ends a job that has killed too often, with a copy for people to look at. */
    void giveUp(JobState.Accepted state) {
        JobEntry job = state.job();
        end(state, state::giveUp, List.of(new Entry.Parked(job.id(), job.offset(), "crash_loop")));
    }

    /** Ends the job with an answer whose sender is known. */
    void finish(JobState.Open state, Terminal answer) {
        finish(state, answer, () -> {});
    }

    /** @param then runs once the answer is durable */
    void finish(JobState.Open state, Terminal answer, Runnable then) {
        leave(state);
        answer(answer, state.job().body(), state.job().trace(), tombstones(state));
        transactions.add(List.of(), then);
        transactions.flush();
    }

    /** Ends the job; who asked is read again from the submissions first. */
    void end(JobState.Open state, Function<Origin, Terminal> answer, List<Entry> besides) {
        leave(state);
        endings.put(state.job().id(), new Ending(state, answer, besides));
        ports.log().load(partition, epoch, state.job().id(), state.job().offset());
    }

    /** @return whether this answered an ending's question */
    boolean loaded(JobId job, @Nullable Submission submission) {
        Ending ending = endings.remove(job);
        if (ending == null) {
            return false;
        }
        Origin origin = submission != null
                ? submission.origin()
                : unknown(ending.state().job());
        List<Entry> besides = new ArrayList<>(tombstones(ending.state()));
        besides.addAll(ending.besides());
        JobEntry entry = ending.state().job();
        answer(ending.answer().apply(origin), entry.body(), entry.trace(), besides);
        return true;
    }

    /** The order of a job is not in the log any more: all that is left is to say so. */
    void orderIsGone(JobState.Running running) {
        Failure failure =
                new Failure(Failure.Code.INTERNAL, "the submission is no longer in the log: it was kept too short");
        finish(running, running.fail(unknown(running.job()), failure));
    }

    private static Origin unknown(JobEntry job) {
        return new Origin(job.tenant(), "unknown", "unknown");
    }

    private void leave(JobState.Open state) {
        open.remove(state.job().id());
        floor.withdraw(this, state.job().id());
    }

    private void answer(Terminal state, BodyHash body, @Nullable String trace, List<Entry> besides) {
        Instant begun = floor.now();
        JournalEntry.Closed entry = new JournalEntry.Closed(body, state.name(), begun);
        answered.add(state.id(), body, begun);
        balance.answering();
        List<Entry> entries = new ArrayList<>();
        entries.add(new Entry.Answer(state, trace));
        entries.add(new Entry.Journal(state.id(), entry));
        entries.addAll(besides);
        transactions.add(entries, () -> {
            balance.answered();
            floor.answered(this, state, Duration.between(begun, floor.now()));
        });
        transactions.flush();
        throttle();
    }

    private List<Entry> tombstones(JobState.Open state) {
        JobId job = state.job().id();
        Map<Integer, Checkpoint> known = checkpoints.getOrDefault(job, Map.of());
        checkpoints.remove(job);
        List<Entry> entries = new ArrayList<>();
        for (int i = 0; i < state.job().images(); i++) {
            if (state.attempts().started() > 0 || known.containsKey(i)) {
                entries.add(new Entry.Tombstone(Checkpoint.key(job, i)));
            }
        }
        return entries;
    }

    // ---- transactions

    void committed(long transaction) {
        transactions.committed(transaction);
        transactions.flush();
        closeWhenIdle();
    }

    private void write(List<Entry> entries) {
        transactions.add(entries, () -> {});
        transactions.flush();
    }

    private static Entry journal(JobState.Open state) {
        return new Entry.Journal(state.job().id(), new JournalEntry.Open(state));
    }

    /** The position follows once all that came of the record is durable. */
    private void position(long offset) {
        transactions.add(List.of(), () -> ports.log().commitPosition(partition, epoch, offset + 1));
        transactions.flush();
    }

    // ---- giving up

    /** Comes to rest: what was worked on is journalled as paused, and the partition closes when that is durable. */
    void release(List<Work> works) {
        releasing = true;
        for (Work work : works) {
            JobState.Accepted paused = work.running().pause();
            open.put(paused.job().id(), paused);
            write(List.of(journal(paused)));
        }
        closeWhenIdle();
    }

    private void closeWhenIdle() {
        if (releasing && transactions.idle()) {
            ports.log().close(partition, epoch);
        }
    }

    /** Forgets answers that nobody can ask for again. */
    void forget(Instant before, int most) {
        List<Entry> entries = new ArrayList<>();
        Optional<JobId> old = answered.removeFirst(before);
        while (old.isPresent()) {
            entries.add(new Entry.Journal(old.get(), null));
            old = entries.size() < most ? answered.removeFirst(before) : Optional.empty();
        }
        if (!entries.isEmpty()) {
            write(entries);
        }
    }

    // ---- bounds

    /**
     * Stops reading when the process holds as many jobs as it may, or the partition has as many answers to remember as
     * it may, and goes on when there is room again. What waits in the log loses nothing; an answer that was forgotten
     * too early could be given twice.
     */
    void throttle() {
        long held = floor.openJobs();
        long known = (long) open.size() + answered.size();
        boolean full = held >= settings.openJobs() || known >= settings.answers();
        boolean roomy = held <= settings.openJobs() * 9L / 10 && known <= settings.answers() * 99L / 100;
        if (opened && !releasing && (reading ? full : roomy)) {
            reading = !reading;
            ports.log().read(partition, epoch, reading);
            if (!reading && known >= settings.answers()) {
                floor.listener().answersFull(partition, answered.size());
            }
        }
    }

    private void requireOpened() {
        if (!opened) {
            throw new IllegalStateException("partition " + partition + " delivers before its journal was read");
        }
    }
}
