package io.wurstwerk.orchestrator.api;

import io.wurstwerk.orchestrator.contract.HttpError;
import io.wurstwerk.orchestrator.job.Problem;
import io.wurstwerk.orchestrator.job.Rejection;
import java.io.Serial;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A request is not carried out. The message is for its sender and never quotes the request. */
final class RefusedException extends RuntimeException {

    @Serial
    private static final long serialVersionUID = 1;

    private static final Duration SHORTLY = Duration.ofSeconds(2);

    private final HttpError code;
    private final transient List<Problem> problems;
    private final @Nullable Duration retryAfter;

    private RefusedException(HttpError code, String detail, List<Problem> problems, @Nullable Duration retryAfter) {
        super(detail, null, false, false);
        this.code = code;
        this.problems = List.copyOf(problems);
        this.retryAfter = retryAfter;
    }

    static RefusedException of(HttpError code, String detail) {
        return new RefusedException(code, detail, List.of(), null);
    }

    static RefusedException invalid(List<Problem> problems) {
        String detail = problems.size() == 1 ? "1 field is wrong" : problems.size() + " fields are wrong";
        return new RefusedException(HttpError.INVALID_REQUEST, detail, problems, null);
    }

    static RefusedException of(Rejection rejection) {
        return new RefusedException(code(rejection.code()), rejection.message(), rejection.problems(), null);
    }

    /** What intake would refuse an event for, said at the door. */
    private static HttpError code(Rejection.Code code) {
        return switch (code) {
            case INVALID_REQUEST -> HttpError.INVALID_REQUEST;
            case UNREADABLE -> HttpError.UNREADABLE;
            case TOO_LARGE -> HttpError.TOO_LARGE;
            case CONFLICT -> HttpError.CONFLICT;
        };
    }

    /** @param retryAfter when another try makes sense */
    static RefusedException later(HttpError code, String detail, Duration retryAfter) {
        return new RefusedException(code, detail, List.of(), retryAfter);
    }

    static RefusedException unavailable(String detail) {
        return later(HttpError.UNAVAILABLE, detail, SHORTLY);
    }

    /** One answer for what is not there and for what is another's. */
    static RefusedException unknownJob() {
        return of(HttpError.NOT_FOUND, "there is no such job, or it is no longer kept");
    }

    /** Whether it says that there is no such job. */
    boolean unknown() {
        return code == HttpError.NOT_FOUND;
    }

    HttpError code() {
        return code;
    }

    String detail() {
        return String.valueOf(getMessage());
    }

    List<Problem> problems() {
        return problems;
    }

    /** Whole seconds, at least one; 0 where trying again changes nothing. */
    long retryAfterSeconds() {
        return retryAfter == null ? 0 : Math.clamp(Math.ceilDiv(retryAfter.toMillis(), 1000), 1, 3600);
    }
}
