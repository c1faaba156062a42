package io.wurstwerk.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.wurstwerk.triton.protocol.GRPCInferenceServiceGrpc;
import io.wurstwerk.triton.protocol.ModelStatistics;
import io.wurstwerk.triton.protocol.ModelStatisticsRequest;
import io.wurstwerk.worker.Worker;
import io.wurstwerk.worker.WorkerOptions;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The checkpoint that comes with this project, drawn with as a program without any set-up would. */
class ShippedRepositoryTest {
    private static final Path REPOSITORY =
            Path.of(System.getProperty("basedir", "."), "..", "triton-models", "repository");
    private static final int IMAGES = 5;
    private static Worker worker;
    private static Pipeline pipeline;

    @BeforeAll
    static void connect() throws IOException {
        worker = Worker.start(WorkerOptions.of(REPOSITORY));
        pipeline = Pipeline.connect("127.0.0.1:" + worker.grpcPort());
    }

    @AfterAll
    static void close() {
        pipeline.close();
        worker.close();
    }

    @Test
    void aRedCircleOnAWhiteBackgroundIsRedOnWhite() {
        Image image = pipeline.generate(request(1), ProgressListener.NONE);

        assertThat(image.width()).isEqualTo(256);
        assertThat(image.height()).isEqualTo(256);
        int red = 0;
        int white = 0;
        for (int i = 0; i < image.rgb().length; i += 3) {
            int r = image.rgb()[i] & 0xff;
            int g = image.rgb()[i + 1] & 0xff;
            int b = image.rgb()[i + 2] & 0xff;
            red += r > 150 && g < 100 && b < 100 ? 1 : 0;
            white += r > 200 && g > 200 && b > 200 ? 1 : 0;
        }
        int pixels = 256 * 256;
        assertThat(red).isGreaterThan(pixels / 50);
        assertThat(white).isGreaterThan(pixels / 2);
        assertThat(red + white).isGreaterThan(pixels * 9 / 10);
        assertThat(image.promptTruncated()).isFalse();
    }

    @Test
    void theSameSeedDrawsTheSameImageAndAnotherOneAnother() {
        byte[] first = pipeline.generate(request(2), ProgressListener.NONE).toPng();
        assertThat(pipeline.generate(request(2), ProgressListener.NONE).toPng()).isEqualTo(first);
        assertThat(pipeline.generate(request(3), ProgressListener.NONE).toPng()).isNotEqualTo(first);
    }

    /** Prints how long an image takes and how much of it is not the models; asserts only what is no matter of speed. */
    @Test
    void theShareOfTimeOutsideTheModelsIsMeasured() {
        pipeline.generate(request(0), ProgressListener.NONE);
        long modelsBefore = modelNanos();
        long before = System.nanoTime();
        for (int i = 0; i < IMAGES; i++) {
            pipeline.generate(request(i), ProgressListener.NONE).toPng();
        }
        long wall = System.nanoTime() - before;
        long models = modelNanos() - modelsBefore;
        System.out.printf(
                "256x256, 29 guided and 12 decoder steps: %.3f s an image, %.1f %% of it outside the models%n",
                wall / 1e9 / IMAGES, 100.0 * (wall - models) / wall);
        assertThat(models).isPositive().isLessThan(wall);
    }

    private static ImageRequest request(long seed) {
        return ImageRequest.of(pipeline.catalog().defaultCheckpoint(), "a red circle on a white background", seed);
    }

    private static long modelNanos() {
        ManagedChannel channel = NettyChannelBuilder.forAddress("127.0.0.1", worker.grpcPort())
                .usePlaintext()
                .build();
        try {
            return GRPCInferenceServiceGrpc.newBlockingStub(channel)
                    .modelStatistics(ModelStatisticsRequest.getDefaultInstance())
                    .getModelStatsList()
                    .stream()
                    .map(ModelStatistics::getInferenceStats)
                    .mapToLong(statistics -> statistics.getComputeInfer().getNs())
                    .sum();
        } finally {
            channel.shutdownNow();
        }
    }
}
