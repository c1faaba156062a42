package io.wurstwerk.orchestrator.api;

import io.vertx.core.http.HttpServerRequest;
import io.wurstwerk.orchestrator.contract.HttpError;
import io.wurstwerk.orchestrator.tenancy.IssuerAwayException;
import io.wurstwerk.orchestrator.tenancy.Tenants;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.UriInfo;
import java.util.Optional;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;
import org.jspecify.annotations.Nullable;

/** Every path under /v1 is asked for by a tenant. */
final class Door {

    private static final int MOST_HEADERS = 100;

    private final Tenants tenants;
    private final Caller caller;

    Door(Tenants tenants, Caller caller) {
        this.tenants = tenants;
        this.caller = caller;
    }

    @ServerRequestFilter
    void ask(ContainerRequestContext request, HttpServerRequest http) {
        if (http.headers().size() > MOST_HEADERS) {
            throw RefusedException.of(HttpError.INVALID_REQUEST, "at most " + MOST_HEADERS + " header lines are read");
        }
        if (path(request.getUriInfo()).startsWith("/v1/")) {
            caller.is(tenant(tenants, request.getHeaderString(HttpHeaders.AUTHORIZATION)));
            // A page of another origin may send a body without a type unasked; one of this type it may not.
            if (request.getMethod().equals("POST") && request.getHeaderString(HttpHeaders.CONTENT_TYPE) == null) {
                throw RefusedException.of(
                        HttpError.UNSUPPORTED_MEDIA_TYPE, "send the header Content-Type: application/json");
            }
        }
    }

    /** Decoded and with its slash, however the framework gives it. */
    static String path(UriInfo uri) {
        String path = uri.getPath(true);
        return path.startsWith("/") ? path : "/" + path;
    }

    /** @throws RefusedException when the key or token is missing or unknown, or nobody can say now */
    static String tenant(Tenants tenants, @Nullable String authorization) {
        Optional<String> tenant;
        try {
            tenant = tenants.of(authorization);
        } catch (IssuerAwayException away) {
            throw RefusedException.unavailable(String.valueOf(away.getMessage()));
        }
        return tenant.orElseThrow(() -> RefusedException.of(
                HttpError.UNAUTHORIZED,
                "send the header Authorization: Bearer KEY, with a key or a token of this installation"));
    }
}
