package io.wurstwerk.orchestrator.view;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.wurstwerk.orchestrator.engine.JournalEntry;
import io.wurstwerk.orchestrator.job.Course;
import io.wurstwerk.orchestrator.job.ImageOrder;
import io.wurstwerk.orchestrator.job.JobEntry;
import io.wurstwerk.orchestrator.job.JobId;
import io.wurstwerk.orchestrator.job.JobId.BodyHash;
import io.wurstwerk.orchestrator.job.JobState;
import io.wurstwerk.orchestrator.job.Rejection;
import io.wurstwerk.orchestrator.job.Submission;
import io.wurstwerk.orchestrator.view.JobEvent.Kind;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * What this instance knows of jobs, its own and others'. The topics' records change it; whoever asks is answered at
 * once. Thread-safe.
 */
public final class JobView implements AutoCloseable {

    private static final int JOBS_WITH_PROGRESS = 10_000;

    private final ViewStore store;
    private final ViewBounds bounds;
    private final JobJson json;
    private final ToDoubleFunction<Submission.Ordered> cost;
    private final Clock clock;
    private final ReentrantLock lock = new ReentrantLock();
    private final Line line = new Line();
    private final LatestProgress progress = new LatestProgress(JOBS_WITH_PROGRESS);
    private final Map<JobId, List<Watcher>> watchers = new HashMap<>();

    /** What may be asked of the view at once. */
    public record Page(List<ObjectNode> jobs, @Nullable String next) {}

    /** What a request that is not there yet would meet. */
    public record Forecast(int position, double secondsBefore) {}

    /** What came of a wish to submit. */
    public enum Admission {
        /** There is room, and the job counts from now on. */
        TAKEN,
        /** The job is known already; whether by the same body is for the caller to compare. */
        KNOWN,
        TENANT_FULL,
        QUEUE_FULL
    }

    /** @param cost predicted seconds of an order that no journal has priced yet */
    JobView(ViewStore store, ViewBounds bounds, JobJson json, ToDoubleFunction<Submission.Ordered> cost, Clock clock) {
        this.store = store;
        this.bounds = bounds;
        this.json = json;
        this.cost = cost;
        this.clock = clock;
        // What this instance expected before it stopped may never have been sent. If it was, the topics tell.
        for (JobId id : store.open()) {
            store.job(id).ifPresent(job -> {
                if (job.provisional()) {
                    store.remove(job);
                } else {
                    queue(job);
                }
            });
        }
    }

    /** Opens the view in a folder. */
    public static JobView open(
            Path folder, ViewBounds bounds, JobJson json, ToDoubleFunction<Submission.Ordered> cost, Clock clock) {
        return new JobView(ViewStore.open(folder, bounds.cacheMegabytes()), bounds, json, cost, clock);
    }

    // ---- asking

    /** The job, if this tenant has it. */
    public Optional<ViewedJob> find(String tenant, JobId id) {
        return store.job(id).filter(job -> job.tenant().equals(Optional.of(tenant)));
    }

    public ObjectNode render(ViewedJob job) {
        return locked(() -> rendered(job));
    }

    /**
     * A tenant's jobs, newest first.
     *
     * @param cursor of the page before; null for the first
     */
    public Page recent(String tenant, @Nullable String cursor, int most) {
        List<ObjectNode> found = new ArrayList<>();
        String last = null;
        List<JobId> ids = store.recent(tenant, cursor, most + 1);
        for (JobId id : ids.subList(0, Math.min(most, ids.size()))) {
            Optional<ViewedJob> job = find(tenant, id);
            if (job.isPresent()) {
                found.add(render(job.get()));
                last = ViewStore.cursor(job.get());
            }
        }
        return new Page(found, ids.size() > most ? last : null);
    }

    /** Jobs that owe an answer, of all tenants. */
    public int openJobs() {
        return locked(line::size);
    }

    /** Where this order would stand if it were sent now. */
    public Forecast forecast(Submission.Ordered order) {
        Line.Place place = new Line.Place(
                order.job(),
                order.origin().tenant(),
                order.priority(),
                cost.applyAsDouble(order),
                order.submittedAt(),
                true);
        return locked(() -> {
            Line.Ahead ahead = line.aheadOf(place);
            return new Forecast(ahead.jobs(), ahead.seconds());
        });
    }

    /** In how long a place in the line may be free: the mean work of one job. */
    public Duration untilRoom() {
        return Duration.ofMillis((long) (1000 * locked(line::meanCost)));
    }

    // ---- submitting

    /**
     * Takes a job into the view that is about to be sent, so that it is found at once and counts at once.
     *
     * @param tenantsOpen most open jobs of the tenant
     * @param open most open jobs of all tenants
     */
    public Admission admit(Submission.Ordered order, int tenantsOpen, int open) {
        return locked(() -> {
            ViewedJob known = store.job(order.job()).orElse(null);
            if (known != null && known.body().isPresent()) {
                return Admission.KNOWN;
            }
            if (line.size(order.origin().tenant()) >= tenantsOpen) {
                return Admission.TENANT_FULL;
            }
            if (line.size() >= open) {
                return Admission.QUEUE_FULL;
            }
            keep(known, (known == null ? ViewedJob.unknown(order.job()) : known).withSubmission(order, true));
            return Admission.TAKEN;
        });
    }

    /** The job was not sent after all. */
    public void withdraw(JobId id) {
        locked(() -> {
            store.job(id).filter(ViewedJob::provisional).ifPresent(this::drop);
            return id;
        });
    }

    // ---- watching

    /**
     * Watches a job until the watch is closed.
     *
     * @param tenant whose job it must be
     * @param lastEventId the id of the last event that the watcher knows; null for none
     * @return what has happened since then, the oldest first; empty when the tenant has no such job
     */
    public Optional<List<JobEvent>> watch(String tenant, JobId id, @Nullable String lastEventId, Watcher watcher) {
        return locked(() -> find(tenant, id).map(job -> {
            List<JobEvent> past = story(job, EventPosition.of(lastEventId));
            watchers.computeIfAbsent(id, _ -> new ArrayList<>()).add(watcher);
            return past;
        }));
    }

    public void unwatch(JobId id, Watcher watcher) {
        locked(() -> watchers.computeIfPresent(id, (_, all) -> all.remove(watcher) && all.isEmpty() ? null : all));
    }

    /** The job's picture as soon as it is as wanted; empty when it is not in time. */
    public Optional<ViewedJob> await(String tenant, JobId id, Predicate<ViewedJob> wanted, Duration patience)
            throws InterruptedException {
        CompletableFuture<ViewedJob> found = new CompletableFuture<>();
        Watcher watcher = new Watcher() {
            @Override
            public void changed(ViewedJob job) {
                if (job.tenant().equals(Optional.of(tenant)) && wanted.test(job)) {
                    found.complete(job);
                }
            }
        };
        locked(() -> {
            watchers.computeIfAbsent(id, _ -> new ArrayList<>()).add(watcher);
            store.job(id).ifPresent(watcher::changed);
            return id;
        });
        try {
            return Optional.of(found.get(patience.toMillis(), TimeUnit.MILLISECONDS));
        } catch (TimeoutException late) {
            return Optional.empty();
        } catch (ExecutionException impossible) {
            throw new IllegalStateException("nobody fails this future", impossible);
        } finally {
            unwatch(id, watcher);
        }
    }

    // ---- the topics' records

    /** A record of the submissions. The first one of a job counts, as it does for the engine. */
    void submitted(Submission said) {
        locked(() -> {
            ViewedJob before = store.job(said.job()).orElse(null);
            ViewedJob known = before == null ? ViewedJob.unknown(said.job()) : before;
            Optional<BodyHash> first = known.provisional() ? Optional.empty() : known.body();
            if (first.isEmpty() || first.get().equals(said.body())) {
                if (known.provisional() || known.submission() == null) {
                    change(before, known.withSubmission(said, false));
                }
                return said;
            }
            JobId conflict = said.job().conflictWith(said.body());
            ViewedJob other = store.job(conflict).orElse(null);
            if (other == null || other.submission() == null) {
                ViewedJob named = other == null ? ViewedJob.unknown(conflict) : other;
                change(other, named.withSubmission(refused(conflict, said), false));
            }
            return said;
        });
    }

    /** What was sent under a name that is taken is not what the name stands for. */
    private static Submission refused(JobId conflict, Submission said) {
        return new Submission.Refused(conflict, said.origin(), said.body(), said.submittedAt(), Rejection.conflict());
    }

    void journalled(JobId id, JournalEntry entry, long offset) {
        locked(() -> {
            ViewedJob before = store.job(id).orElse(null);
            ViewedJob known = before == null ? ViewedJob.unknown(id) : before;
            if (offset > known.journalled() && !(entry instanceof JournalEntry.CancelledUnseen)) {
                ViewedJob now = known.withStanding(entry, offset);
                change(before, now);
                if (now.accepted() == offset) {
                    tell(now, () -> new JobEvent(Kind.ACCEPTED, position(now), rendered(now)));
                }
                if (now.started() == offset) {
                    tell(now, () -> new JobEvent(Kind.STARTED, position(now), rendered(now)));
                }
            }
            return id;
        });
    }

    void answered(JobId id, ObjectNode data, Instant at, long offset) {
        locked(() -> {
            ViewedJob before = store.job(id).orElse(null);
            ViewedJob known = before == null ? ViewedJob.unknown(id) : before;
            if (known.answer() == null) {
                ViewedJob now = known.withAnswer(data, offset, at);
                change(before, now);
                endOf(now).forEach(event -> tell(now, () -> event));
                progress.forget(id);
            }
            return id;
        });
    }

    void progressed(JobId id, ObjectNode data, long offset) {
        locked(() -> {
            if (!line.has(id) || offset <= progress.offset(id)) {
                return id;
            }
            ObjectNode step = data.deepCopy();
            ObjectNode preview = step.remove("preview") instanceof ObjectNode picture ? picture : null;
            LatestProgress.Told told = progress.take(id, step.path("index").asInt(-1), step, preview, offset);
            if (watchers.containsKey(id)) {
                store.job(id).ifPresent(job -> {
                    if (preview != null) {
                        tell(job, () -> preview(job, told));
                    }
                    tell(job, () -> new JobEvent(Kind.STEP, position(job), told.step()));
                });
            }
            return id;
        });
    }

    ViewStore store() {
        return store;
    }

    /** Forgets what is old, and the oldest where there is too much. */
    void forget() {
        Instant before = clock.instant().minus(bounds.retention());
        locked(() -> {
            for (Optional<JobId> oldest = store.oldest(); oldest.isPresent(); oldest = store.oldest()) {
                ViewedJob job = store.job(oldest.get()).orElse(null);
                if (job == null
                        || (store.size() <= bounds.jobs() && !job.since().isBefore(before))) {
                    break;
                }
                drop(job);
            }
            return before;
        });
    }

    @Override
    public void close() {
        locked(() -> {
            store.close();
            return store;
        });
    }

    // ---- inside the lock

    private void keep(@Nullable ViewedJob before, ViewedJob now) {
        store.put(before, now);
        queue(now);
    }

    private void change(@Nullable ViewedJob before, ViewedJob now) {
        keep(before, now);
        for (Watcher watcher : List.copyOf(watchers.getOrDefault(now.id(), List.of()))) {
            watcher.changed(now);
        }
    }

    private void drop(ViewedJob job) {
        store.remove(job);
        line.remove(job.id());
        progress.forget(job.id());
    }

    private void queue(ViewedJob job) {
        Optional<JobState.Open> open = job.open();
        if (job.ended()) {
            line.remove(job.id());
        } else if (open.isPresent()) {
            JobEntry entry = open.get().job();
            line.put(new Line.Place(
                    job.id(),
                    entry.tenant(),
                    entry.priority(),
                    entry.cost(),
                    entry.submittedAt(),
                    open.get() instanceof JobState.Accepted));
        } else if (job.submission() instanceof Submission.Ordered ordered) {
            line.put(new Line.Place(
                    job.id(),
                    ordered.origin().tenant(),
                    ordered.priority(),
                    cost.applyAsDouble(ordered),
                    ordered.submittedAt(),
                    true));
        }
    }

    private void tell(ViewedJob job, Supplier<JobEvent> event) {
        List<Watcher> all = watchers.get(job.id());
        if (all != null) {
            JobEvent told = event.get();
            List.copyOf(all).forEach(watcher -> watcher.happened(told));
        }
    }

    /** All that is known of the job, as events, without what the watcher has been told. */
    private List<JobEvent> story(ViewedJob job, EventPosition known) {
        List<JobEvent> events = new ArrayList<>();
        if (job.accepted() > known.jobs()) {
            events.add(new JobEvent(Kind.ACCEPTED, new EventPosition(job.accepted(), -1, -1), rendered(job)));
        }
        if (job.started() > known.jobs()) {
            events.add(new JobEvent(Kind.STARTED, new EventPosition(job.started(), -1, -1), rendered(job)));
        }
        long jobs = Math.max(job.accepted(), job.started());
        for (LatestProgress.Told told : progress.inOrder(job.id())) {
            EventPosition position = new EventPosition(jobs, told.offset(), -1);
            if (told.preview() != null && told.previewed() > known.progress()) {
                events.add(preview(job, told));
            }
            if (told.offset() > known.progress()) {
                events.add(new JobEvent(Kind.STEP, position, told.step()));
            }
        }
        if (job.answered() > known.images()) {
            events.addAll(endOf(job));
        }
        return events;
    }

    private List<JobEvent> endOf(ViewedJob job) {
        List<JobEvent> events = new ArrayList<>();
        EventPosition position = position(job);
        if (job.answer() != null) {
            EventPosition before = new EventPosition(position.jobs(), position.progress(), -1);
            job.answer().path("images").forEach(image -> {
                events.add(new JobEvent(Kind.IMAGE, before, json.image(image)));
            });
            events.add(new JobEvent(Kind.TERMINAL, position, rendered(job)));
        }
        return events;
    }

    private JobEvent preview(ViewedJob job, LatestProgress.Told told) {
        ObjectNode data = JsonNodeFactory.instance
                .objectNode()
                .put("job_id", job.id().value())
                .put("index", told.index());
        if (told.preview() != null) {
            data.setAll(told.preview());
        }
        return new JobEvent(
                Kind.PREVIEW, new EventPosition(Math.max(job.accepted(), job.started()), told.previewed(), -1), data);
    }

    private EventPosition position(ViewedJob job) {
        return new EventPosition(Math.max(job.accepted(), job.started()), progress.offset(job.id()), job.answered());
    }

    private ObjectNode rendered(ViewedJob job) {
        boolean waits =
                job.open().map(state -> state instanceof JobState.Accepted).orElse(false);
        return json.of(
                job,
                waits ? line.ahead(job.id(), clock.instant()).orElse(null) : null,
                progress.of(job.id()),
                drafted(job));
    }

    /** What the draft was ordered as that a job finishes. */
    private @Nullable ImageOrder drafted(ViewedJob job) {
        return job.submission() instanceof Submission.Ordered ordered
                        && ordered.order().course() instanceof Course.Promotion promotion
                        && find(ordered.origin().tenant(), promotion.draft())
                                        .map(ViewedJob::submission)
                                        .orElse(null)
                                instanceof Submission.Ordered draft
                ? draft.order()
                : null;
    }

    private <T extends @Nullable Object> T locked(Supplier<T> reading) {
        lock.lock();
        try {
            return reading.get();
        } finally {
            lock.unlock();
        }
    }
}
