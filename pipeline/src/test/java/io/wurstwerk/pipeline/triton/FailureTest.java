package io.wurstwerk.pipeline.triton;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.grpc.Context;
import io.grpc.Status;
import io.wurstwerk.pipeline.diffusion.LatentShape;
import io.wurstwerk.pipeline.diffusion.Stage;
import io.wurstwerk.pipeline.diffusion.StepInput;
import io.wurstwerk.triton.protocol.DataType;
import io.wurstwerk.triton.protocol.ModelInferResponse;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of calls that go wrong. */
class FailureTest {
    private static final LatentShape SHAPE = new LatentShape(16, 3, 3);
    private FakeTriton triton;
    private TritonClient client;
    private WuerstchenRepository repository;
    private WuerstchenModels models;

    @BeforeEach
    void start() throws IOException {
        triton = FakeTriton.start(DataType.TYPE_FP32);
        client = new TritonClient(triton.endpoint(), Duration.ofSeconds(10), Duration.ofSeconds(20));
        repository = WuerstchenRepository.read(client, List.of("base"));
        models = new WuerstchenModels(client, repository);
    }

    @AfterEach
    void close() {
        client.close();
        triton.close();
    }

    @ParameterizedTest
    @CsvSource({
        "UNAVAILABLE, TritonUnavailableException, true",
        "CANCELLED, TritonUnavailableException, true",
        "DEADLINE_EXCEEDED, TritonUnavailableException, true",
        "NOT_FOUND, TritonUnavailableException, true",
        "INTERNAL, TritonModelException, false",
        "UNKNOWN, TritonModelException, false",
        "INVALID_ARGUMENT, TritonRequestException, false",
        "UNIMPLEMENTED, TritonRequestException, false",
        "RESOURCE_EXHAUSTED, TritonRequestException, false",
        "UNAUTHENTICATED, TritonRequestException, false"
    })
    void aStatusBecomesItsExceptionWithTheServersMessage(Status.Code code, String type, boolean retryable) {
        triton.answer(
                "stage_c_base", FakeTriton.Answer.failure(Status.fromCode(code).withDescription("queue is on fire")));
        assertThatExceptionOfType(TritonException.class)
                .isThrownBy(this::predict)
                .withMessage("ModelInfer of stage_c_base at " + triton.endpoint() + " failed: " + code
                        + ": queue is on fire")
                .satisfies(e -> {
                    assertThat(e.getClass().getSimpleName()).isEqualTo(type);
                    assertThat(e.retryable()).isEqualTo(retryable);
                });
    }

    @Test
    void aServerThatIsNotThereIsUnavailableAndSaysWhereItShouldBe() {
        triton.close();
        assertThatThrownBy(this::predict)
                .isInstanceOf(TritonUnavailableException.class)
                .hasMessageContaining(triton.endpoint());
    }

    @Test
    void aServerThatHangsIsUnavailableAfterTheDeadline() {
        triton.answer("stage_c_base", (request, caller) -> {});
        try (TritonClient hasty = new TritonClient(triton.endpoint(), Duration.ofSeconds(10), Duration.ofMillis(200))) {
            WuerstchenModels hastyModels = new WuerstchenModels(hasty, repository);
            assertThatThrownBy(() -> hastyModels.predict("base", input(SHAPE)))
                    .isInstanceOf(TritonUnavailableException.class)
                    .hasMessageContaining("DEADLINE_EXCEEDED");
        }
    }

    @Test
    void aServerThatStopsDuringACallIsUnavailable() throws InterruptedException {
        CountDownLatch called = new CountDownLatch(1);
        triton.answer("stage_c_base", (request, caller) -> called.countDown());
        FutureTask<Throwable> call = new FutureTask<>(() -> thrownBy(this::predict));
        Thread.ofPlatform().start(call);
        assertThat(called.await(10, TimeUnit.SECONDS)).isTrue();

        triton.close();

        assertThat(call).succeedsWithin(Duration.ofSeconds(10)).isInstanceOf(TritonUnavailableException.class);
        assertThat(((TritonUnavailableException) call.resultNow()).lost())
                .as("it ended the call in good order")
                .isFalse();
    }

    /** The connection goes through a socket of our own, which ends like that of a process that is killed. */
    @Test
    void aServerThatDiesDuringACallIsLostAndOneThatIsNotThereOrSaysSoIsNot() throws Exception {
        CountDownLatch called = new CountDownLatch(1);
        triton.answer("stage_c_base", (request, caller) -> called.countDown());
        try (ServerSocket wire = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                TritonClient wired = new TritonClient(
                        "127.0.0.1:" + wire.getLocalPort(), Duration.ofSeconds(10), Duration.ofSeconds(20))) {
            WuerstchenModels overTheWire = new WuerstchenModels(wired, repository);
            FutureTask<Throwable> call =
                    new FutureTask<>(() -> thrownBy(() -> overTheWire.predict("base", input(SHAPE))));
            Thread.ofPlatform().start(call);
            String endpoint = triton.endpoint();
            int port = Integer.parseInt(endpoint.substring(endpoint.lastIndexOf(':') + 1));
            try (Socket client = wire.accept();
                    Socket server = new Socket(InetAddress.getLoopbackAddress(), port)) {
                Thread.ofVirtual()
                        .start(new FutureTask<>(() -> client.getInputStream().transferTo(server.getOutputStream())));
                Thread.ofVirtual()
                        .start(new FutureTask<>(() -> server.getInputStream().transferTo(client.getOutputStream())));
                assertThat(called.await(10, TimeUnit.SECONDS)).isTrue();
                client.setSoLinger(true, 0);
            }
            assertThat(call)
                    .succeedsWithin(Duration.ofSeconds(10))
                    .isInstanceOfSatisfying(
                            TritonUnavailableException.class,
                            lost -> assertThat(lost.lost()).isTrue());
            wire.close();
            assertThat(thrownBy(() -> overTheWire.predict("base", input(SHAPE))))
                    .isInstanceOfSatisfying(
                            TritonUnavailableException.class,
                            refused -> assertThat(refused.lost()).isFalse());
        }
        triton.answer(
                "stage_c_base", FakeTriton.Answer.failure(Status.UNAVAILABLE.withDescription("Server is stopping")));
        assertThat(thrownBy(this::predict))
                .isInstanceOfSatisfying(
                        TritonUnavailableException.class,
                        stopping -> assertThat(stopping.lost()).isFalse());
    }

    @Test
    void interruptingTheCallerCancelsTheCallOnTheServerAndKeepsTheFlag() throws InterruptedException {
        CountDownLatch called = new CountDownLatch(1);
        CountDownLatch cancelled = new CountDownLatch(1);
        triton.answer("stage_c_base", (request, caller) -> {
            Context.current().addListener(context -> cancelled.countDown(), Runnable::run);
            called.countDown();
        });
        FutureTask<Boolean> flagKept = new FutureTask<>(() -> {
            assertThat(thrownBy(this::predict)).isInstanceOf(CancellationException.class);
            return Thread.currentThread().isInterrupted();
        });
        Thread caller = Thread.ofVirtual().start(flagKept);
        assertThat(called.await(10, TimeUnit.SECONDS)).isTrue();

        caller.interrupt();

        assertThat(flagKept).succeedsWithin(Duration.ofSeconds(10)).isEqualTo(true);
        assertThat(cancelled.await(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void anInterruptedThreadCallsNobody() {
        Thread.currentThread().interrupt();
        try {
            assertThatThrownBy(this::predict).isInstanceOf(CancellationException.class);
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
        assertThat(triton.requests("stage_c_base")).isEmpty();
    }

    @Test
    void anAnswerOfTheWrongShapeIsTheModelsFault() {
        answerWith(response -> response.toBuilder()
                .setOutputs(0, response.getOutputs(0).toBuilder().setShape(1, 8))
                .build());
        assertThatThrownBy(this::predict)
                .isInstanceOf(TritonModelException.class)
                .hasMessage("model stage_c_base answered eps as FP32 [1, 8, 3, 3] in 576 raw bytes instead of FP32"
                        + " [1, 16, 3, 3] in 576");
    }

    @Test
    void anAnswerOfAnotherTypeIsTheModelsFault() {
        answerWith(response -> response.toBuilder()
                .setOutputs(0, response.getOutputs(0).toBuilder().setDatatype("FP16"))
                .build());
        assertThatThrownBy(this::predict)
                .isInstanceOf(TritonModelException.class)
                .hasMessageContaining("as FP16 [1, 16, 3, 3]");
    }

    @Test
    void anAnswerWithTooFewBytesIsTheModelsFault() {
        answerWith(response -> response.toBuilder()
                .setRawOutputContents(0, ByteString.copyFrom(new byte[575]))
                .build());
        assertThatThrownBy(this::predict)
                .isInstanceOf(TritonModelException.class)
                .hasMessageContaining("in 575 raw bytes");
    }

    @Test
    void anAnswerWithoutTheOutputIsTheModelsFault() {
        answerWith(response -> response.toBuilder().clearOutputs().build());
        assertThatThrownBy(this::predict)
                .isInstanceOf(TritonModelException.class)
                .hasMessageContaining("without output eps");
    }

    @Test
    void anAnswerWithoutRawContentsIsTheModelsFault() {
        answerWith(response -> response.toBuilder().clearRawOutputContents().build());
        assertThatThrownBy(this::predict)
                .isInstanceOf(TritonModelException.class)
                .hasMessageContaining("in 0 raw bytes");
    }

    @Test
    void anAnswerOfMoreThanFourMebibytesIsTaken() {
        LatentShape large = new LatentShape(16, 300, 300);
        assertThat(models.predict("base", input(large))).hasSize(large.elements());
    }

    @Test
    void aValueTooLargeForTheModelsTypeIsRefusedAndNotSentAsInfinity() throws IOException {
        LatentShape shape = new LatentShape(4, 1, 1);
        try (FakeTriton half = FakeTriton.start(DataType.TYPE_FP16);
                TritonClient halfClient =
                        new TritonClient(half.endpoint(), Duration.ofSeconds(10), Duration.ofSeconds(10))) {
            WuerstchenModels halfModels =
                    new WuerstchenModels(halfClient, WuerstchenRepository.read(halfClient, List.of("base")));
            assertThat(halfModels.decode(shape, new float[] {1, 0, 0, -65_519})).hasSize(4 * 4 * 3);
            assertThatThrownBy(() -> halfModels.decode(shape, new float[] {1, 0, 0, -65_520}))
                    .isInstanceOf(TritonModelException.class)
                    .hasMessageContaining("latents")
                    .hasMessageContaining("too large for FP16");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "localhost", "localhost:", "localhost:0", "localhost:70000", ":8001", "http://x:8001"})
    void anEndpointThatIsNotHostAndPortIsRefused(String endpoint) {
        assertThatThrownBy(() -> new TritonClient(endpoint, Duration.ofSeconds(1), Duration.ofSeconds(1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("host:port");
    }

    private void answerWith(UnaryOperator<ModelInferResponse> change) {
        triton.answer("stage_c_base", FakeTriton.Answer.changed(triton, change));
    }

    private float[] predict() {
        return models.predict("base", input(SHAPE));
    }

    private static StepInput input(LatentShape shape) {
        StepInput.Row row = new StepInput.Row(new float[shape.elements()], 1f, new float[77 * FakeTriton.WIDTH], null);
        return new StepInput(Stage.STAGE_C, shape, null, List.of(row));
    }

    private static Throwable thrownBy(Runnable call) {
        try {
            call.run();
        } catch (Throwable t) {
            return t;
        }
        throw new AssertionError("nothing was thrown");
    }
}
