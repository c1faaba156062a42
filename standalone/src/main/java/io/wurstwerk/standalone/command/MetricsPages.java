package io.wurstwerk.standalone.command;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads numbers from pages in Prometheus' text form. */
final class MetricsPages implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(5);

    private final HttpClient client = HttpClient.newHttpClient();

    String read(URI page) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(page).timeout(LIMIT).build();
        return client.send(request, HttpResponse.BodyHandlers.ofString()).body();
    }

    /** The sum over all labels of a metric; zero when the page does not have it. */
    static double sum(String page, String name) {
        Matcher found = Pattern.compile("(?m)^" + Pattern.quote(name) + "(?:\\{[^}]*})? ([0-9.eE+-]+)")
                .matcher(page);
        double sum = 0;
        while (found.find()) {
            sum += Double.parseDouble(found.group(1));
        }
        return sum;
    }

    @Override
    public void close() {
        client.close();
    }
}
