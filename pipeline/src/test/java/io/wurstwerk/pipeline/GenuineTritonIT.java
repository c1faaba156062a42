package io.wurstwerk.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.wurstwerk.pipeline.diffusion.ImageSize;
import io.wurstwerk.worker.Worker;
import io.wurstwerk.worker.WorkerOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/**
 * The whole way from prompt to picture over a genuine tritonserver, which {@code ./wurstwerk conformance} starts, and
 * over the worker, with the repository that comes with the project.
 */
class GenuineTritonIT {
    private static final Path REPOSITORY = Path.of("../triton-models/repository");
    private static final Path SEEN = Path.of("target/contract");
    private static final String PROMPT = "a large red circle on a white background";
    private static final List<ImageSize> SIZES = List.of(new ImageSize(256, 256), new ImageSize(384, 256));

    /** One picture on both servers. */
    private record Pair(String name, byte[] genuine, byte[] worker) {
        double identical() {
            int same = 0;
            for (int i = 0; i < genuine.length; i++) {
                same += genuine[i] == worker[i] ? 1 : 0;
            }
            return (double) same / genuine.length;
        }

        int largest() {
            int largest = 0;
            for (int i = 0; i < genuine.length; i++) {
                largest = Math.max(largest, Math.abs((genuine[i] & 0xFF) - (worker[i] & 0xFF)));
            }
            return largest;
        }

        boolean equal() {
            return genuine.length == worker.length && identical() >= 0.999 && largest() <= 1;
        }

        String figures() {
            return "%.4f %% of bytes identical, off by at most %d".formatted(100 * identical(), largest());
        }
    }

    @Test
    void theGenuineServerDrawsTheWorkersPictures() throws IOException {
        List<Pair> pairs = new ArrayList<>();
        PipelineOptions options = PipelineOptions.defaults().withRepository(REPOSITORY);
        try (Worker worker = Worker.start(WorkerOptions.of(REPOSITORY));
                Pipeline genuine = Pipeline.connect(address(), options);
                Pipeline own = Pipeline.connect("127.0.0.1:" + worker.grpcPort(), options)) {
            assertThat(genuine.catalog()).isEqualTo(own.catalog());
            assertThat(genuine.fingerprint()).isEqualTo(own.fingerprint());
            for (Checkpoint checkpoint : own.catalog().checkpoints()) {
                for (ImageSize size : SIZES) {
                    ImageRequest request =
                            ImageRequest.of(checkpoint, PROMPT, 20_261_124).withSize(size);
                    pairs.add(new Pair(
                            "picture of " + checkpoint.name() + " at " + size,
                            genuine.generate(request, ProgressListener.NONE).rgb(),
                            own.generate(request, ProgressListener.NONE).rgb()));
                }
            }
        }
        report(pairs);
        assertThat(pairs)
                .allSatisfy(pair -> assertThat(pair.equal())
                        .as(pair.name() + ": " + pair.figures())
                        .isTrue());
    }

    private static String address() {
        String ports = Objects.requireNonNull(
                System.getProperty("wurstwerk.triton.shipped"),
                "run this by ./wurstwerk conformance: it sets -Dwurstwerk.triton.shipped");
        return ports.split(",", -1)[0];
    }

    private static void report(List<Pair> pairs) throws IOException {
        StringBuilder genuine = new StringBuilder();
        StringBuilder worker = new StringBuilder();
        for (Pair pair : pairs) {
            System.out.println(pair.name() + ": " + pair.figures());
            genuine.append("=== ").append(pair.name()).append('\n').append(pair.equal() ? "equal" : pair.figures());
            worker.append("=== ").append(pair.name()).append("\nequal");
            genuine.append('\n');
            worker.append('\n');
        }
        Files.createDirectories(SEEN);
        Files.writeString(SEEN.resolve("pictures-genuine.txt"), genuine);
        Files.writeString(SEEN.resolve("pictures-worker.txt"), worker);
    }
}
