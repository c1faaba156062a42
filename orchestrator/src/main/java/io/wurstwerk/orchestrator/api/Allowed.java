package io.wurstwerk.orchestrator.api;

import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerResponseContext;
import jakarta.ws.rs.core.HttpHeaders;
import org.jboss.resteasy.reactive.server.ServerResponseFilter;

/**
 * What a path can be asked for. The framework tells it of a whole class to OPTIONS, and to a wrong method not at all,
 * where RFC 9110 wants the header.
 */
final class Allowed {

    private static final String OPTIONS = "OPTIONS";

    @ServerResponseFilter
    void tell(ContainerRequestContext request, ContainerResponseContext response) {
        if (request.getMethod().equals(OPTIONS) && response.getHeaders().containsKey(HttpHeaders.ALLOW)) {
            response.getHeaders().putSingle(HttpHeaders.ALLOW, at(Door.path(request.getUriInfo())));
        }
    }

    /** The methods of a path that exists. */
    static String at(String path) {
        return switch (path) {
            case "/v1/images" -> "GET, HEAD, POST, OPTIONS";
            case "/v1/images/generations", "/v1/quote" -> "POST, OPTIONS";
            default -> {
                if (path.matches("/v1/images/[^/]+")) {
                    yield "GET, HEAD, DELETE, OPTIONS";
                }
                yield path.matches("/v1/images/[^/]+/promote") ? "POST, OPTIONS" : "GET, HEAD, OPTIONS";
            }
        };
    }
}
