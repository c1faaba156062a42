package io.wurstwerk.worker.http;

import io.wurstwerk.worker.http.HttpPort.Reply;
import io.wurstwerk.worker.inference.InferenceException;
import io.wurstwerk.worker.protocol.InferenceService;
import io.wurstwerk.worker.protocol.ServerState;
import io.wurstwerk.worker.repository.ModelRepository;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Triton's HTTP health paths: 200 for yes, 400 for no. */
public final class HealthPages implements HttpPort.Pages {
    private static final Pattern MODEL_READY = Pattern.compile("/v2/models/([^/]+)(?:/versions/([0-9]+))?/ready");

    private final ServerState state;
    private final ModelRepository repository;
    private final String version;

    public HealthPages(ServerState state, ModelRepository repository, String version) {
        this.state = state;
        this.repository = repository;
        this.version = version;
    }

    @Override
    public Reply get(String path) {
        return switch (path) {
            case "/v2/health/live" -> Reply.text(state.live() ? 200 : 400, "");
            case "/v2/health/ready" -> Reply.text(state.ready() ? 200 : 400, "");
            case "/v2", "/v2/" ->
                new Reply(
                        200,
                        "application/json",
                        "{\"name\":\"" + ServerState.NAME + "\",\"version\":\"" + version
                                + "\",\"extensions\":[\"" + String.join("\",\"", InferenceService.EXTENSIONS)
                                + "\"]}");
            default -> model(path);
        };
    }

    private Reply model(String path) {
        Matcher model = MODEL_READY.matcher(path);
        if (!model.matches()) {
            return Reply.error(404, "Not Found");
        }
        String number = model.group(2) == null ? "" : model.group(2);
        try {
            boolean ready = state.live() && repository.ready(model.group(1), number);
            return ready ? Reply.text(200, "") : Reply.error(400, "Model version not ready");
        } catch (InferenceException e) {
            return Reply.error(400, "Model version not ready");
        }
    }
}
