package io.wurstwerk.standalone.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** diffusers in a process of its own, which draws an image whenever it is asked to, to be measured beside Wurstwerk. */
final class DiffusersPeer implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long SECONDS_TO_STOP = 10;

    private final Process process;
    private final BufferedReader answers;
    private final Writer orders;
    private final int threads;

    private DiffusersPeer(Process process) throws IOException {
        this.process = process;
        this.answers = process.inputReader(StandardCharsets.UTF_8);
        this.orders = process.outputWriter(StandardCharsets.UTF_8);
        this.threads = answer().path("threads").asInt();
    }

    /**
     * Starts it and waits until its networks are loaded.
     *
     * @param python interpreter that has the exporter's packages
     * @param script {@code speed.py} of the exporter
     * @param prior folder of a WuerstchenPriorPipeline
     * @param decoder folder of a WuerstchenDecoderPipeline
     * @throws IOException when it does not start; its own words stand on standard error
     */
    static DiffusersPeer start(Path python, Path script, Path prior, Path decoder) throws IOException {
        Process process = new ProcessBuilder(
                        python.toString(),
                        script.toString(),
                        "--prior",
                        prior.toString(),
                        "--decoder",
                        decoder.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try {
            return new DiffusersPeer(process);
        } catch (IOException e) {
            process.destroy();
            throw e;
        }
    }

    int threads() {
        return threads;
    }

    /** Draws one image; the answer has the seconds by stage and in all. */
    JsonNode draw(String prompt, long seed, int width, int height, double guidanceScale) throws IOException {
        ObjectNode order = JSON.createObjectNode()
                .put("prompt", prompt)
                .put("seed", seed)
                .put("width", width)
                .put("height", height)
                .put("prior_guidance_scale", guidanceScale);
        orders.write(JSON.writeValueAsString(order) + "\n");
        orders.flush();
        return answer();
    }

    /** Seconds in the networks. */
    static double modelSeconds(JsonNode drawn) {
        return List.of("text", "stage_c", "stage_b", "stage_a").stream()
                .mapToDouble(stage -> drawn.path(stage).asDouble())
                .sum();
    }

    private JsonNode answer() throws IOException {
        String line = answers.readLine();
        if (line == null) {
            throw new IOException("diffusers has ended; what it said stands above");
        }
        return JSON.readTree(line);
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(SECONDS_TO_STOP, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
