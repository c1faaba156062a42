package io.wurstwerk.standalone.command;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;

/** The HTTP API of an orchestrator: a plain client, as any other program would be one. */
final class ApiClient implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final long LARGEST_ANSWER = 32 << 20;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final URI base;
    private final Optional<String> key;
    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(10))
            .build();

    /**
     * Opens nothing yet.
     *
     * @param base scheme, host and port
     * @param key the API key, where there are any
     */
    ApiClient(URI base, Optional<String> key) {
        this.base = base;
        this.key = key;
    }

    /** A page of the recent jobs, newest first; an absent cursor is the first page. */
    JsonNode jobs(int limit, Optional<String> cursor) throws IOException, InterruptedException {
        String after = cursor.map(text -> "&cursor=" + URLEncoder.encode(text, StandardCharsets.UTF_8))
                .orElse("");
        return object(send(request("/v1/images?limit=" + limit + after).GET()));
    }

    JsonNode job(String jobId) throws IOException, InterruptedException {
        return object(send(request("/v1/images/" + jobId).GET()));
    }

    /** How the job stood when it was asked to stop: one that has ended stays as it is. */
    JsonNode cancel(String jobId) throws IOException, InterruptedException {
        return object(send(request("/v1/images/" + jobId).DELETE()));
    }

    JsonNode quote(ObjectNode request) throws IOException, InterruptedException {
        return object(send(request("/v1/quote")
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(request.toString()))));
    }

    @Override
    public void close() {
        client.close();
    }

    private HttpRequest.Builder request(String path) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(base + path))
                .timeout(LIMIT)
                .header("Accept", "application/json, application/problem+json");
        key.ifPresent(secret -> request.header("Authorization", "Bearer " + secret));
        return request;
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        try {
            return client.send(
                    request.build(),
                    BodyHandlers.limiting(BodyHandlers.ofString(StandardCharsets.UTF_8), LARGEST_ANSWER));
        } catch (IOException e) {
            String cause = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
            throw new ApiException("unreachable", "no Wurstwerk answers at " + base + ": " + cause);
        }
    }

    private JsonNode object(HttpResponse<String> response) throws ApiException {
        JsonNode body = body(response);
        int status = response.statusCode();
        if (status / 100 == 2 && body.isObject()) {
            return body;
        }
        String code = body.path("code").asText();
        if (code.isEmpty()) {
            throw new ApiException(
                    "unreachable",
                    response.uri() + " answered " + status + " and not as Wurstwerk does: is this its address?");
        }
        StringBuilder message = new StringBuilder(code);
        for (String field : new String[] {"title", "detail"}) {
            if (body.path(field).isTextual()) {
                message.append(": ").append(body.path(field).asText());
            }
        }
        if (status == 401) {
            message.append(": put the API key into ").append(ApiOptions.KEY_VARIABLE);
        }
        response.headers()
                .firstValue("Retry-After")
                .ifPresent(seconds ->
                        message.append(" (try again in ").append(seconds).append(" s)"));
        throw new ApiException(code, message.toString(), body.path("problems"));
    }

    private static JsonNode body(HttpResponse<String> response) {
        try {
            return JSON.readTree(response.body());
        } catch (JsonProcessingException e) {
            return JSON.missingNode();
        }
    }
}
