package io.wurstwerk.orchestrator.api;

import io.netty.buffer.Unpooled;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.wurstwerk.orchestrator.contract.HttpError;
import io.wurstwerk.orchestrator.job.JobId;
import io.wurstwerk.orchestrator.tenancy.Tenants;
import io.wurstwerk.orchestrator.view.JobEvent;
import io.wurstwerk.orchestrator.view.JobView;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * {@code GET /v1/images/{job}/events}. A route of its own and not a resource, because the framework's server-sent events
 * are written out anew for every client, and hundreds may watch one job.
 */
@ApplicationScoped
class EventsRoute {

    private static final Logger LOG = Logger.getLogger(EventsRoute.class);
    private static final Duration BEAT = Duration.ofSeconds(15);
    private static final int UNREAD = 64 * 1024;
    private static final String STREAM = "text/event-stream";

    private final Vertx vertx;
    private final JobView view;
    private final JobLookup lookup;
    private final Tenants tenants;
    private final int most;
    private final Set<EventStream> streams = ConcurrentHashMap.newKeySet();

    EventsRoute(Vertx vertx, JobView view, JobLookup lookup, Tenants tenants, ApiConfig config) {
        this.vertx = vertx;
        this.view = view;
        this.lookup = lookup;
        this.tenants = tenants;
        this.most = config.watchers();
    }

    void route(@Observes Router router) {
        router.get("/v1/images/:job/events").order(-1).blockingHandler(this::answer, false);
        vertx.setPeriodic(BEAT.toMillis(), _ -> streams.forEach(EventStream::beat));
    }

    private void answer(RoutingContext context) {
        try {
            open(context);
        } catch (RefusedException refused) {
            refuse(context.response(), refused);
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
            refuse(context.response(), RefusedException.unavailable("this instance is stopping"));
        } catch (RuntimeException bug) {
            LOG.errorf("an event stream failed: %s at %s", bug.getClass(), bug.getStackTrace()[0]);
            refuse(context.response(), RefusedException.of(HttpError.INTERNAL, "the log of this instance says where"));
        }
    }

    private void open(RoutingContext context) throws InterruptedException {
        String tenant = Door.tenant(tenants, context.request().getHeader("Authorization"));
        if (!accepts(context.request().getHeader("Accept"))) {
            throw RefusedException.of(HttpError.NOT_ACCEPTABLE, "this answers with " + STREAM);
        }
        JobId job = JobLookup.id(String.valueOf(context.pathParam("job")));
        if (streams.size() >= most) {
            throw RefusedException.later(
                    HttpError.TOO_MANY_WATCHERS, "as many clients watch as this instance serves", BEAT);
        }
        JobLookup.Found found = lookup.find(tenant, job);
        String last = context.request().getHeader("Last-Event-ID");
        Watching watching = new Watching(job, context.response());
        List<JobEvent> past =
                new ArrayList<>(view.watch(tenant, job, last, watching.stream).orElse(List.of()));
        if (found.ended() && past.stream().noneMatch(JobEvent::last)) {
            if (JobEvent.isEnd(last)) {
                view.unwatch(job, watching.stream);
                // Browsers come back after every end, unless they are told that there is nothing more.
                context.response().setStatusCode(204).end();
                return;
            }
            // Nothing but its manifest tells how it ended.
            past.add(JobEvent.end(found.job()));
        }
        watching.begin(past);
    }

    private static boolean accepts(@Nullable String header) {
        if (header == null) {
            return true;
        }
        String accept = header.toLowerCase(Locale.ROOT);
        return accept.contains(STREAM) || accept.contains("text/*") || accept.contains("*/*");
    }

    private static void refuse(HttpServerResponse response, RefusedException refused) {
        if (response.headWritten() || response.closed()) {
            return;
        }
        response.setStatusCode(refused.code().status()).putHeader("Content-Type", ProblemJson.MEDIA_TYPE);
        if (refused.retryAfterSeconds() > 0) {
            response.putHeader("Retry-After", Long.toString(refused.retryAfterSeconds()));
        }
        if (refused.code() == HttpError.UNAUTHORIZED) {
            response.putHeader("WWW-Authenticate", "Bearer");
        }
        response.end(ProblemJson.of(refused).toString());
    }

    /** The stream of one connection. */
    private final class Watching implements EventStream.Outlet {
        private final JobId job;
        private final HttpServerResponse response;
        private final EventStream stream;

        Watching(JobId job, HttpServerResponse response) {
            this.job = job;
            this.response = response;
            this.stream = new EventStream(this, this::over);
        }

        void begin(List<JobEvent> past) {
            streams.add(stream);
            response.setChunked(true)
                    .setWriteQueueMaxSize(UNREAD)
                    .putHeader("Content-Type", STREAM + ";charset=UTF-8")
                    .putHeader("Cache-Control", "no-store")
                    .putHeader("X-Accel-Buffering", "no")
                    .closeHandler(_ -> stream.gone())
                    .exceptionHandler(_ -> stream.gone());
            if (response.closed()) {
                stream.gone();
            } else {
                stream.open(past);
            }
        }

        private void over() {
            streams.remove(stream);
            view.unwatch(job, stream);
        }

        @Override
        public boolean full() {
            return response.writeQueueFull();
        }

        @Override
        @SuppressWarnings(
                "deprecation") // The only way to a buffer that wraps and does not copy: the bytes are everybody's.
        public void write(byte[] bytes) {
            if (!response.closed()) {
                response.write(Buffer.buffer(Unpooled.wrappedBuffer(bytes)));
            }
        }

        @Override
        public void end() {
            if (!response.closed()) {
                response.end();
            }
        }

        @Override
        public void drop() {
            response.reset();
        }
    }
}
