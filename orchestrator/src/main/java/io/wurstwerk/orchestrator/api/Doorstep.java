package io.wurstwerk.orchestrator.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.wurstwerk.orchestrator.contract.HttpError;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;

/**
 * Where every request stands before any path is looked at, and where those go back from that have none: what is refused
 * there is refused in the form of the API, and without a line in the log, which strangers could fill with them.
 */
@Singleton
final class Doorstep {

    private static final int FIRST = -1_000_000;

    void route(@Observes Router router) {
        router.route().order(FIRST).handler(Doorstep::enter).failureHandler(Doorstep::refuse);
    }

    private static void enter(RoutingContext context) {
        HttpServerRequest request = context.request();
        Exchanges.watch(request);
        if (request.version() == null) {
            context.fail(HttpError.INVALID_REQUEST.status());
        } else {
            context.next();
        }
    }

    private static void refuse(RoutingContext context) {
        HttpServerRequest request = context.request();
        HttpServerResponse response = context.response();
        int status = context.statusCode();
        if (status < 400 || status >= 500 || response.headWritten()) {
            context.next();
            return;
        }
        Exchanges.watch(request);
        RefusedException refused = refusal(request, status);
        boolean openAi = Refusals.isOpenAi(String.valueOf(request.path()));
        ObjectNode body = openAi ? ProblemJson.forOpenAi(refused) : ProblemJson.of(refused);
        if (request.version() == null) {
            response.putHeader("Connection", "close");
        }
        response.setStatusCode(refused.code().status())
                .putHeader("Content-Type", openAi ? "application/json" : ProblemJson.MEDIA_TYPE)
                .end(body.toString());
    }

    private static RefusedException refusal(HttpServerRequest request, int status) {
        if (request.version() == null) {
            return RefusedException.of(HttpError.INVALID_REQUEST, "HTTP/1.1 and HTTP/1.0 are spoken here");
        }
        if (status == 400 && request.version() != HttpVersion.HTTP_1_0 && request.authority() == null) {
            return RefusedException.of(
                    HttpError.INVALID_REQUEST, "send the header Host once, with a name or an address");
        }
        HttpError code = Refusals.code(status);
        return RefusedException.of(code, Refusals.detail(code));
    }
}
