package io.wurstwerk.orchestrator.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.wurstwerk.orchestrator.contract.HttpError;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/** Tells every refusal in the form of its path. Nothing of the request is repeated or logged: it may hold a prompt. */
final class Refusals {

    private static final Logger LOG = Logger.getLogger(Refusals.class);
    private static final String OPENAI = "/v1/images/generations";

    @ServerExceptionMapper
    Response refused(RefusedException refused, UriInfo uri) {
        return response(refused, uri);
    }

    /** What the framework refuses: unknown paths, wrong methods, forms of body and answer. */
    @ServerExceptionMapper
    Response framework(WebApplicationException thrown, UriInfo uri) {
        Response answer = thrown.getResponse();
        if (answer.getStatus() < 400) {
            return answer;
        }
        HttpError code = code(answer.getStatus());
        var builder = Response.fromResponse(response(RefusedException.of(code, detail(code)), uri));
        if (code == HttpError.METHOD_NOT_ALLOWED) {
            builder.header(HttpHeaders.ALLOW, Allowed.at(Door.path(uri)));
        }
        return builder.build();
    }

    @ServerExceptionMapper
    Response bug(Throwable thrown, UriInfo uri) {
        StackTraceElement[] trace = thrown.getStackTrace();
        LOG.errorf("an HTTP request failed: %s at %s", thrown.getClass(), trace.length == 0 ? "?" : trace[0]);
        return response(RefusedException.of(HttpError.INTERNAL, "the log of this instance says where"), uri);
    }

    /** Whether those who ask at this path want OpenAI's forms. */
    static boolean isOpenAi(String path) {
        return path.equals(OPENAI);
    }

    static HttpError code(int status) {
        return switch (status) {
            case 404 -> HttpError.NOT_FOUND;
            case 405 -> HttpError.METHOD_NOT_ALLOWED;
            case 406 -> HttpError.NOT_ACCEPTABLE;
            case 413 -> HttpError.TOO_LARGE;
            case 415 -> HttpError.UNSUPPORTED_MEDIA_TYPE;
            default -> status < 500 ? HttpError.INVALID_REQUEST : HttpError.INTERNAL;
        };
    }

    static String detail(HttpError code) {
        return switch (code) {
            case NOT_FOUND -> "no such path";
            case METHOD_NOT_ALLOWED -> "the header Allow names what can be done";
            case NOT_ACCEPTABLE -> "the header Accept allows none of the forms that there are";
            case UNSUPPORTED_MEDIA_TYPE -> "send the header Content-Type: application/json";
            default -> "the request is not understood";
        };
    }

    private static Response response(RefusedException refused, UriInfo uri) {
        boolean openAi = isOpenAi(Door.path(uri));
        ObjectNode body = openAi ? ProblemJson.forOpenAi(refused) : ProblemJson.of(refused);
        var response = Response.status(refused.code().status())
                .type(openAi ? MediaType.APPLICATION_JSON : ProblemJson.MEDIA_TYPE)
                .entity(body.toString());
        if (refused.retryAfterSeconds() > 0) {
            response.header(HttpHeaders.RETRY_AFTER, refused.retryAfterSeconds());
        }
        if (refused.code() == HttpError.UNAUTHORIZED) {
            response.header(HttpHeaders.WWW_AUTHENTICATE, "Bearer");
        }
        return response.build();
    }
}
