package io.wurstwerk.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.wurstwerk.worker.WorkerCommand;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** What the manifests and the images say of the model servers is what the worker and the GPU worker's entrypoint say. */
final class WorkerManifestTest {
    private static final Path ROOT = Path.of("..");
    private static final YAMLMapper YAML = new YAMLMapper();
    private static final Pattern EXIT_TIMEOUT = Pattern.compile("--exit-timeout-secs[= ](\\d+)");
    /** Beyond what requests under way get: the last answers, the models, the process. */
    private static final int END = 10;

    private final CommandLine worker = new CommandLine(new WorkerCommand());

    @ParameterizedTest
    @ValueSource(strings = {"cpu", "gpu"})
    void portsAreThoseOnWhichModelServersListen(String kind) throws Exception {
        Map<String, String> declared = new TreeMap<>();
        server(kind)
                .at("/spec/template/spec/containers/0/ports")
                .forEach(port -> declared.put(
                        port.path("name").textValue(),
                        port.path("containerPort").asText()));

        assertThat(declared)
                .isEqualTo(Map.of(
                        "grpc", standard("--grpc-port"),
                        "health", standard("--http-port"),
                        "metrics", standard("--metrics-port")));
    }

    @Test
    void theImageOffersThem() throws Exception {
        assertThat(Files.readString(ROOT.resolve("docker/Dockerfile")))
                .contains("EXPOSE " + standard("--grpc-port") + " " + standard("--http-port") + " "
                        + standard("--metrics-port") + "\n");
    }

    @Test
    void theWorkerTakesTheArgumentsOfItsManifest() throws Exception {
        JsonNode arguments = server("cpu").at("/spec/template/spec/containers/0/args");
        String[] words = new String[arguments.size()];
        for (int i = 0; i < words.length; i++) {
            words[i] = arguments.get(i).textValue();
        }
        assertThat(worker.parseArgs(words).unmatched()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"cpu", "gpu"})
    void requestsUnderWayGetTheirTimeBeforeAPodIsKilled(String kind) throws Exception {
        JsonNode pod = server(kind).at("/spec/template/spec");
        String said = kind.equals("cpu")
                ? pod.at("/containers/0/args").toString()
                : Files.readString(ROOT.resolve("worker/gpu/entrypoint.sh"));
        Matcher timeout = EXIT_TIMEOUT.matcher(said);
        assertThat(timeout.find()).isTrue();
        int pause = pod.at("/containers/0/lifecycle/preStop/sleep/seconds").intValue();

        assertThat(pod.path("terminationGracePeriodSeconds").intValue())
                .isGreaterThanOrEqualTo(pause + Integer.parseInt(timeout.group(1)) + END);
    }

    private String standard(String option) {
        return worker.getCommandSpec().findOption(option).defaultValue();
    }

    private static JsonNode server(String kind) throws IOException {
        Path file = ROOT.resolve("k8s/workers").resolve(kind).resolve("worker.yaml");
        try (var documents = YAML.readerFor(JsonNode.class).<JsonNode>readValues(file.toFile())) {
            return documents.next();
        }
    }
}
