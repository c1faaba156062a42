package io.wurstwerk.standalone.command;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Answers for jobs that it is given as the orchestrator's OpenAPI document says: lists, shows, cancels and quotes. */
public final class FakeApi implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Set<String> ENDED = Set.of("completed", "failed", "rejected", "cancelled", "expired");
    private static final Set<String> FIELDS = Set.of(
            "prompt",
            "negative_prompt",
            "width",
            "height",
            "prior",
            "prior_num_inference_steps",
            "prior_guidance_scale",
            "num_inference_steps",
            "decoder_guidance_scale",
            "num_images_per_prompt",
            "seed");

    private final HttpServer server;
    private final Optional<String> key;
    private final List<ObjectNode> jobs = new ArrayList<>();
    private final List<String> asked = new ArrayList<>();

    private record Answer(int status, JsonNode body) {}

    /** @param key what has to be shown, if anything */
    public FakeApi(Optional<String> key) throws IOException {
        this.key = key;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.start();
    }

    public String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /** Adds a job that is newer than those before; gives its id. */
    public synchronized String add(String state, String prompt) {
        String id = "abcdefghijklmnopqrstuvwxyz234567abcdefghijklmnop" + (1000 + jobs.size());
        id = id.replace('0', 'a').replace('1', 'b').replace('8', 'c').replace('9', 'd');
        ObjectNode job = JSON.createObjectNode()
                .put("job_id", id)
                .put("state", state)
                .put("tenant", "default")
                .put("submitted_at", "2026-11-26T12:00:00Z");
        job.putObject("request")
                .put("source", "/http")
                .put("id", "key-" + jobs.size())
                .putObject("parameters")
                .put("prompt", prompt);
        jobs.addFirst(job);
        return id;
    }

    /** Method, path with query, and body of every request. */
    synchronized List<String> asked() {
        return List.copyOf(asked);
    }

    @Override
    public void close() {
        server.stop(0);
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String sent = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            Answer answer = answer(exchange, sent);
            byte[] body = answer.body().toString().getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders()
                    .add("Content-Type", answer.status() < 400 ? "application/json" : "application/problem+json");
            exchange.sendResponseHeaders(answer.status(), body.length);
            exchange.getResponseBody().write(body);
        }
    }

    private synchronized Answer answer(HttpExchange exchange, String sent) {
        URI uri = exchange.getRequestURI();
        String path = uri.getPath();
        String method = exchange.getRequestMethod();
        asked.add((method + " " + uri + " " + sent).strip());
        String shown = exchange.getRequestHeaders().getFirst("Authorization");
        if (key.isPresent() && !("Bearer " + key.get()).equals(shown)) {
            exchange.getResponseHeaders().add("WWW-Authenticate", "Bearer");
            return problem(401, "unauthorized", "There is no valid API key", List.of());
        }
        if (path.equals("/v1/images") && method.equals("GET")) {
            return list(uri.getQuery());
        }
        if (path.startsWith("/v1/images/") && Set.of("GET", "DELETE").contains(method)) {
            String id = path.substring("/v1/images/".length());
            return jobs.stream()
                    .filter(job -> job.path("job_id").asText().equals(id))
                    .findFirst()
                    .map(job -> method.equals("GET") ? new Answer(200, job) : cancel(job))
                    .orElseGet(() -> problem(404, "not_found", "There is nothing here", List.of()));
        }
        if (path.equals("/v1/quote") && method.equals("POST")) {
            boolean json =
                    "application/json".equals(exchange.getRequestHeaders().getFirst("Content-Type"));
            return json ? quote(sent) : problem(415, "unsupported_media_type", "The body is not JSON", List.of());
        }
        return problem(404, "not_found", "There is nothing here", List.of());
    }

    private Answer list(String query) {
        Map<String, String> parameters = Stream.of(query == null ? new String[0] : query.split("&"))
                .map(pair -> pair.split("=", 2))
                .collect(Collectors.toMap(pair -> pair[0], pair -> pair[1]));
        int limit = Integer.parseInt(parameters.getOrDefault("limit", "20"));
        if (limit < 1 || limit > 100) {
            return problem(400, "invalid_request", "The request is wrong", List.of("limit"));
        }
        int from = Integer.parseInt(parameters.getOrDefault("cursor", "0"));
        int to = Math.min(jobs.size(), from + limit);
        ObjectNode page = JSON.createObjectNode();
        ArrayNode onPage = page.putArray("jobs");
        jobs.subList(from, to).forEach(onPage::add);
        if (to < jobs.size()) {
            page.put("next", Integer.toString(to));
        }
        return new Answer(200, page);
    }

    private static Answer cancel(ObjectNode job) {
        return new Answer(ENDED.contains(job.path("state").asText()) ? 200 : 202, job);
    }

    private static Answer quote(String sent) {
        try {
            JsonNode body = JSON.readTree(sent);
            Map<String, String> wrong = new TreeMap<>();
            body.fieldNames().forEachRemaining(name -> {
                if (!FIELDS.contains(name)) {
                    wrong.put(name, "is not known");
                }
            });
            if (body.path("prompt").asText().isEmpty()) {
                wrong.put("prompt", "is required");
            }
            if (body.path("width").asInt(128) % 128 != 0) {
                wrong.put("width", "is wrong");
            }
            return wrong.isEmpty()
                    ? new Answer(
                            200,
                            JSON.createObjectNode()
                                    .put("seconds", 12.34)
                                    .put("position", 2)
                                    .put("finishes_at", "2026-11-26T12:00:30Z"))
                    : problem(400, "invalid_request", "The request is wrong", List.copyOf(wrong.keySet()));
        } catch (JsonProcessingException e) {
            return problem(400, "unreadable", "The body is no JSON", List.of());
        }
    }

    private static Answer problem(int status, String code, String title, List<String> fields) {
        ObjectNode problem = JSON.createObjectNode()
                .put("type", "/contract/errors#" + code)
                .put("title", title)
                .put("status", status)
                .put("code", code);
        if (!fields.isEmpty()) {
            ArrayNode problems = problem.putArray("problems");
            fields.forEach(field -> problems.addObject().put("field", field).put("message", "is wrong"));
        }
        return new Answer(status, problem);
    }
}
