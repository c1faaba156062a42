package io.wurstwerk.worker.scheduling;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.wurstwerk.worker.config.BatchingPolicy;
import io.wurstwerk.worker.config.ElementType;
import io.wurstwerk.worker.config.TensorSpec;
import io.wurstwerk.worker.inference.InferenceRequest;
import io.wurstwerk.worker.inference.InputTensor;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BatchSelectionTest {
    private static final TensorSpec X = new TensorSpec("x", ElementType.FP32, List.of(-1L), List.of(-1L), false);

    private static InferenceRequest request(int batch, long width) {
        return new InferenceRequest(
                "", batch, List.of(new InputTensor(X, List.of((long) batch, width), ByteString.EMPTY)), List.of());
    }

    private static BatchSelection choose(BatchingPolicy policy, long waited, int... batches) {
        return BatchSelection.choose(
                policy,
                IntStream.of(batches).mapToObj(batch -> request(batch, 3)).iterator(),
                waited);
    }

    private static BatchingPolicy dynamic(long delay, Integer... preferred) {
        return new BatchingPolicy(true, 8, Set.of(preferred), delay, 0, false);
    }

    @Test
    void withoutDynamicBatchingEachRunsAlone() {
        assertThat(choose(BatchingPolicy.single(8), 0, 1, 1, 1)).isEqualTo(new BatchSelection(1, 0));
    }

    @Test
    void withoutDelayEverythingThatFitsGoesAtOnce() {
        assertThat(choose(dynamic(0, 8), 0, 1, 2, 1)).isEqualTo(new BatchSelection(3, 0));
        assertThat(choose(dynamic(0, 8), 0, 4, 4, 4)).isEqualTo(new BatchSelection(2, 0));
        assertThat(choose(dynamic(0, 8), 0, 8, 1)).isEqualTo(new BatchSelection(1, 0));
    }

    @Test
    void theFirstRequestThatDoesNotFitClosesTheBatch() {
        assertThat(choose(dynamic(0, 8), 0, 6, 3, 2)).isEqualTo(new BatchSelection(1, 0));
        assertThat(choose(dynamic(1000, 8), 0, 6, 3, 2)).isEqualTo(new BatchSelection(1, 0));
    }

    @Test
    void anotherShapeClosesTheBatch() {
        var queue = List.of(request(1, 3), request(1, 3), request(1, 4), request(1, 3));
        assertThat(BatchSelection.choose(dynamic(1000, 8), queue.iterator(), 0)).isEqualTo(new BatchSelection(2, 0));
    }

    @Test
    void aSmallBatchWaitsForTheRestOfTheDelay() {
        assertThat(choose(dynamic(1000, 8), 400, 1, 2)).isEqualTo(new BatchSelection(0, 600));
        assertThat(choose(dynamic(1000, 8), 1000, 1, 2)).isEqualTo(new BatchSelection(2, 0));
        assertThat(choose(dynamic(1000, 8), 5000, 1, 2)).isEqualTo(new BatchSelection(2, 0));
    }

    @Test
    void aPreferredSizeGoesAtOnceAndTheLargestOneWins() {
        assertThat(choose(dynamic(1000, 4, 8), 0, 2, 2)).isEqualTo(new BatchSelection(2, 0));
        assertThat(choose(dynamic(1000, 4, 8), 0, 2, 2, 2)).isEqualTo(new BatchSelection(2, 0));
        assertThat(choose(dynamic(1000, 4, 8), 0, 2, 2, 2, 2)).isEqualTo(new BatchSelection(4, 0));
        assertThat(choose(dynamic(1000, 1, 4), 0, 1)).isEqualTo(new BatchSelection(1, 0));
    }

    @Test
    void moreThanTheLargestPreferredSizeDoesNotWait() {
        assertThat(choose(dynamic(1000, 4), 0, 3, 2)).isEqualTo(new BatchSelection(2, 0));
    }

    @Test
    void requestsWithoutBatchDimensionCountAsOneItem() {
        assertThat(request(0, 3).items()).isEqualTo(1);
    }
}
