package io.wurstwerk.orchestrator.console;

import io.vertx.core.MultiMap;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.wurstwerk.orchestrator.store.ImageStore;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;

/** Tells browsers with every answer what is allowed, also with those that no page is made of. */
@Singleton
final class SecurityHeaders {

    private static final int BEFORE_ALL_ELSE = -2_000_000;

    private final String policy;

    SecurityHeaders(ImageStore store) {
        this.policy = ContentPolicy.of(store.publicEndpoint());
    }

    void register(@Observes Router router) {
        router.route().order(BEFORE_ALL_ELSE).handler(this::answer).failureHandler(this::answer);
    }

    private void answer(RoutingContext context) {
        context.response()
                .headers()
                .set("Content-Security-Policy", policy)
                .set("X-Content-Type-Options", "nosniff")
                .set("X-Frame-Options", "DENY")
                // Presigned URLs and job ids are nobody else's business.
                .set("Referrer-Policy", "no-referrer")
                .set("Cross-Origin-Opener-Policy", "same-origin")
                .set("Permissions-Policy", "camera=(), geolocation=(), microphone=()");
        if (isConsole(context.normalizedPath())) {
            context.addHeadersEndHandler(_ -> keepFresh(context.response().headers()));
        }
        context.next();
    }

    private static boolean isConsole(String path) {
        return path.equals("/") || path.equals("/index.html") || path.startsWith("/console/");
    }

    /** The files have no versions in their names: a browser asks each time whether its copy is still good. */
    private static void keepFresh(MultiMap headers) {
        headers.set("Cache-Control", "no-cache");
    }
}
