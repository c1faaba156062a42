package io.wurstwerk.standalone.faults;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Adds up the rows that the models were asked for, over the lives of a worker that is killed now and then. */
final class StepCount {
    private static final Pattern COUNT =
            Pattern.compile("nv_inference_count\\{model=\"stage_[bc][a-z_]*\"[^}]*} ([0-9.]+)");

    private final HttpRequest request;
    private long before;
    private long last;

    StepCount(String metrics) {
        this.request = HttpRequest.newBuilder(URI.create(metrics))
                .timeout(Duration.ofSeconds(2))
                .build();
    }

    /** Reads the counters. */
    void look() throws InterruptedException {
        try (HttpClient client =
                HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(1)).build()) {
            String metrics =
                    client.send(request, HttpResponse.BodyHandlers.ofString()).body();
            long now = 0;
            Matcher counts = COUNT.matcher(metrics);
            while (counts.find()) {
                now += (long) Double.parseDouble(counts.group(1));
            }
            last = now;
        } catch (IOException away) {
            // The worker is dead or starting: its counters were read before it was killed.
        }
    }

    /** The worker is killed now: its next life counts from nothing. */
    void died() {
        before += last;
        last = 0;
    }

    long rows() {
        return before + last;
    }
}
