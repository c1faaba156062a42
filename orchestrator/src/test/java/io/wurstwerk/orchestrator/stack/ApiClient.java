package io.wurstwerk.orchestrator.stack;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;

/** A stranger that speaks HTTP, with or without an API key. */
public final class ApiClient {

    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration LIMIT = Duration.ofSeconds(90);

    private final String url;
    private final String key;

    /** @param key null for none */
    public ApiClient(String url, String key) {
        this.url = url;
        this.key = key;
    }

    /** An answer; {@code body} is missing where it is no JSON. */
    public record Answer(int status, HttpResponse<String> response, JsonNode body) {
        public String header(String name) {
            return response.headers().firstValue(name).orElse(null);
        }

        public String job() {
            return body.path("job_id").textValue();
        }

        public String state() {
            return body.path("state").textValue();
        }
    }

    /** A server-sent event. */
    public record Told(String id, String event, JsonNode data) {}

    public Answer get(String path, String... headers) throws Exception {
        return send(request(path, headers).GET());
    }

    public Answer delete(String path) throws Exception {
        return send(request(path).DELETE());
    }

    public Answer post(String path, String json, String... headers) throws Exception {
        return send(request(path, headers)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(json)));
    }

    public Answer send(HttpRequest.Builder request) throws Exception {
        HttpResponse<String> response = HTTP.send(request.build(), BodyHandlers.ofString());
        return new Answer(response.statusCode(), response, json(response.body()));
    }

    public HttpRequest.Builder request(String path, String... headers) {
        var request = HttpRequest.newBuilder(URI.create(url + path)).timeout(LIMIT);
        if (key != null) {
            request.header("Authorization", "Bearer " + key);
        }
        if (headers.length > 0) {
            request.headers(headers);
        }
        return request;
    }

    /** Opens an event stream; the answer's lines come as they are sent. */
    public HttpResponse<Stream<String>> open(String path, String... headers) throws Exception {
        return HTTP.send(request(path, headers).GET().build(), BodyHandlers.ofLines());
    }

    /** Reads events until the stream ends. */
    public static List<Told> read(Stream<String> lines) throws IOException {
        return read(lines.iterator(), null);
    }

    /** Reads events up to the first of a kind. */
    public static List<Told> read(Iterator<String> lines, String until) throws IOException {
        List<Told> events = new ArrayList<>();
        String id = null;
        String event = null;
        String data = null;
        while (lines.hasNext()) {
            String line = lines.next();
            if (line.startsWith("id: ")) {
                id = line.substring(4);
            } else if (line.startsWith("event: ")) {
                event = line.substring(7);
            } else if (line.startsWith("data: ")) {
                data = line.substring(6);
            } else if (line.isEmpty() && data != null) {
                events.add(new Told(id, event, JSON.readTree(data)));
                data = null;
                if (event.equals(until)) {
                    return events;
                }
            }
        }
        return events;
    }

    private static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (IOException none) {
            return JSON.missingNode();
        }
    }
}
