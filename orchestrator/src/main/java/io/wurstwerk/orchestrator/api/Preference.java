package io.wurstwerk.orchestrator.api;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads {@code Prefer: wait=N} (RFC 7240); other preferences are ignored, as is one that cannot be read. */
final class Preference {

    private static final Pattern WAIT =
            Pattern.compile("\\s*wait\\s*=\\s*\"?([0-9]{1,9})\"?\\s*(;.*)?", Pattern.CASE_INSENSITIVE);

    private Preference() {}

    /** The first wait that is named. */
    static Optional<Duration> ofWait(List<String> headers) {
        for (String header : headers) {
            for (String preference : header.split(",", -1)) {
                Matcher wait = WAIT.matcher(preference);
                if (wait.matches()) {
                    return Optional.of(Duration.ofSeconds(Long.parseLong(wait.group(1))));
                }
            }
        }
        return Optional.empty();
    }
}
