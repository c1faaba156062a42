package io.wurstwerk.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.wurstwerk.triton.protocol.ServerReadyRequest;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The server as a process. */
@Timeout(60)
class WorkerCommandTest {
    private static final Pattern SERVING = Pattern.compile("gRPC on port (\\d+)");

    private static Process run(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                WorkerCommand.class.getName()));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    private static int end(Process process) throws InterruptedException {
        try {
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
            return process.exitValue();
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void aSignalEndsItWithStatusZero() throws Exception {
        Process process = run(
                "--model-repository=" + TritonClient.REPOSITORY,
                "--grpc-address=127.0.0.1",
                "--grpc-port=0",
                "--http-port=-1",
                "--metrics-port=-1",
                "--exit-timeout-secs=5",
                "--strict-readiness=true");
        try (BufferedReader errors = process.errorReader(StandardCharsets.UTF_8)) {
            Matcher serving = null;
            for (String line = errors.readLine(); line != null; line = errors.readLine()) {
                serving = SERVING.matcher(line);
                if (serving.find()) {
                    break;
                }
            }
            assertThat(serving).isNotNull();
            try (TritonClient client = new TritonClient(Integer.parseInt(serving.group(1)))) {
                assertThat(client.calls()
                                .serverReady(ServerReadyRequest.getDefaultInstance())
                                .getReady())
                        .isTrue();
            }
            process.destroy();
            assertThat(end(process)).isZero();
        }
    }

    @Test
    void aModelThatCannotBeLoadedEndsItAtOnceWithTheReason(@TempDir Path repository) throws Exception {
        Path model = Files.createDirectories(repository.resolve("m"));
        Files.writeString(model.resolve("config.pbtxt"), "wibble: 3\n");
        Process process =
                run("--model-repository=" + repository, "--grpc-port=0", "--http-port=-1", "--metrics-port=-1");
        String errors = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(end(process)).isEqualTo(1);
        assertThat(errors)
                .contains("worker: m: failed to read text proto from ")
                .contains("inference.ModelConfig.wibble");
    }

    @Test
    void badUsageIsStatusTwo() throws Exception {
        Process process = run("--model-repositori=x");
        String errors = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(end(process)).isEqualTo(2);
        assertThat(errors).contains("--model-repository");
    }
}
