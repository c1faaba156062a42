package io.wurstwerk.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.wurstwerk.pipeline.diffusion.Conditioning;
import io.wurstwerk.pipeline.diffusion.Generation;
import io.wurstwerk.pipeline.diffusion.Generation.Decoding;
import io.wurstwerk.pipeline.diffusion.Generation.Denoising;
import io.wurstwerk.pipeline.diffusion.GenerationPlan;
import io.wurstwerk.pipeline.diffusion.ImageSize;
import io.wurstwerk.pipeline.diffusion.Stage;
import io.wurstwerk.pipeline.diffusion.StepInput;
import io.wurstwerk.pipeline.diffusion.Timesteps;
import io.wurstwerk.pipeline.golden.Golden;
import io.wurstwerk.pipeline.triton.TritonClient;
import io.wurstwerk.pipeline.triton.WuerstchenModels;
import io.wurstwerk.pipeline.triton.WuerstchenRepository;
import io.wurstwerk.worker.Worker;
import io.wurstwerk.worker.WorkerOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Pictures as diffusers draws them, through gRPC and the worker, with a tiny checkpoint in float32. */
class FidelityTest {
    private static final String PRIOR = "interpolated";
    private static Worker worker;
    private static Pipeline pipeline;
    private static TritonClient client;
    private static WuerstchenRepository repository;
    private static WuerstchenModels models;

    @BeforeAll
    static void connect() throws IOException {
        worker = Worker.start(WorkerOptions.of(Golden.repository()));
        String endpoint = "127.0.0.1:" + worker.grpcPort();
        pipeline = Pipeline.connect(endpoint, PipelineOptions.defaults().withRepository(Golden.repository()));
        client = new TritonClient(endpoint, Duration.ofSeconds(10), Duration.ofSeconds(60));
        repository = WuerstchenRepository.read(client, List.of(PRIOR));
        models = new WuerstchenModels(client, repository);
    }

    @AfterAll
    static void close() {
        client.close();
        pipeline.close();
        worker.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "b", "d", "e", "f", "g", "h", "i"})
    void everyGoldenRunIsDrawnAsDiffusersDrawsIt(String name) {
        Run run = new Run(name);
        Conditioning conditioning = pipeline.encode(run.request(0).prompt());
        for (int image = 0; image < run.seeds.size(); image++) {
            Observed observed = draw(run.plan(image), conditioning);
            Error embeddings = run.error("image_embeddings", image, observed.embeddings);
            Error latents = run.error("decoder.latents_final", image, observed.latents);
            Pixels pixels = run.pixels(image, observed.rgb);
            System.out.printf(
                    "fidelity %s seed %d: embeddings %s, latents %s, %s%n",
                    name, run.seeds.get(image), embeddings, latents, pixels);

            assertThat(embeddings.relative).isLessThanOrEqualTo(1e-5);
            assertThat(latents.relative).isLessThanOrEqualTo(2e-5);
            assertThat(pixels.identical).isGreaterThanOrEqualTo(0.999);
            assertThat(pixels.largest).isLessThanOrEqualTo(1);
            run.checkSteps("prior.latents_steps", observed.priorSteps, image);
            run.checkSteps("decoder.latents_steps", observed.decoderSteps, image);
            assertThat(pipeline.generate(run.request(image), ProgressListener.NONE)
                            .rgb())
                    .isEqualTo(observed.rgb);
        }
    }

    @Test
    void aPromptOfMoreThan77TokensIsReportedAsTruncated() {
        assertThat(pipeline.encode(new Run("f").request(0).prompt()).promptTruncated())
                .isTrue();
        assertThat(pipeline.encode(new Run("a").request(0).prompt()).promptTruncated())
                .isFalse();
    }

    @Test
    void textEncodersAnswerWhatTransformersAnswers() {
        Run run = new Run("a");
        Conditioning conditioning = pipeline.encode(run.request(0).prompt());
        Error prior = run.error("prior.prompt_embeds", 0, conditioning.prior());
        Error negative =
                run.error("prior.negative_prompt_embeds", 0, Objects.requireNonNull(conditioning.priorNegative()));
        Error decoder = run.error("decoder.prompt_embeds", 0, conditioning.decoder());
        System.out.printf("text: prior %s, negative %s, decoder %s%n", prior, negative, decoder);
        assertThat(List.of(prior.relative, negative.relative, decoder.relative)).allMatch(error -> error <= 5e-6);
    }

    @Test
    void theImagesOfAJobDrawnTogetherEqualThoseDrawnAlone() throws InterruptedException, ExecutionException {
        Run run = new Run("i");
        Conditioning shared = pipeline.encode(run.request(0).prompt());
        List<Image> together = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Image>> drawing = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                ImageRequest request = run.request(i);
                drawing.add(threads.submit(() -> pipeline.generate(request, shared, ProgressListener.NONE)));
            }
            for (Future<Image> image : drawing) {
                together.add(image.get());
            }
        }
        for (int i = 0; i < 4; i++) {
            Image alone = pipeline.generate(run.request(i), ProgressListener.NONE);
            assertThat(together.get(i).rgb()).as("image %d", i).isEqualTo(alone.rgb());
            assertThat(together.get(i).toPng()).isEqualTo(alone.toPng());
            assertThat(alone.seed()).isEqualTo(100 + i);
        }
    }

    @Test
    void rowsOfSeveralGenerationsInOneCallAreAnsweredAsInCallsOfTheirOwn() {
        Run run = new Run("i");
        Conditioning conditioning = pipeline.encode(run.request(0).prompt());
        List<StepInput> inputs = new ArrayList<>();
        List<StepInput.Row> rows = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            // At four different timesteps, three more rows each than the last.
            Generation generation = Generation.begin(run.plan(i), conditioning);
            for (int step = 0; step < i; step++) {
                Denoising denoising = (Denoising) generation;
                generation = denoising.advance(models.predict(PRIOR, denoising.input()));
            }
            StepInput input = ((Denoising) generation).input();
            for (int copy = 0; copy < 3; copy++) {
                inputs.add(input);
                rows.addAll(input.rows());
            }
        }

        // 24 rows: more than one call takes.
        float[] joined = models.predict(
                PRIOR, new StepInput(Stage.STAGE_C, inputs.getFirst().latents(), null, rows));

        int done = 0;
        for (StepInput input : inputs) {
            float[] alone = models.predict(PRIOR, input);
            assertThat(Golden.differences(Arrays.copyOfRange(joined, done, done + alone.length), alone))
                    .isEmpty();
            done += alone.length;
        }
        assertThat(done).isEqualTo(joined.length);
    }

    @Test
    void aGenerationResumedFromACheckpointDrawsTheSamePicture() {
        Run run = new Run("e");
        Conditioning conditioning = pipeline.encode(run.request(0).prompt());
        Generation generation = Generation.begin(run.plan(0), conditioning);
        for (int i = 0; i < 4; i++) {
            Denoising denoising = (Denoising) generation;
            generation = denoising.advance(models.predict(PRIOR, denoising.input()));
        }
        float[] checkpoint = ((Denoising) generation).latents();

        Observed resumed = finish(Generation.resume(run.plan(0), conditioning, 4, checkpoint));

        assertThat(resumed.rgb).isEqualTo(draw(run.plan(0), conditioning).rgb);
    }

    private static Observed draw(GenerationPlan plan, Conditioning conditioning) {
        return finish(Generation.begin(plan, conditioning));
    }

    private static Observed finish(Generation begin) {
        Observed observed = new Observed();
        Generation generation = begin;
        while (!(generation instanceof Generation.Drawn)) {
            generation = switch (generation) {
                case Denoising denoising -> {
                    observed.saw(denoising);
                    yield denoising.advance(models.predict(PRIOR, denoising.input()));
                }
                case Decoding decoding -> {
                    observed.latents = decoding.latents();
                    yield decoding.accept(models.decode(decoding.shape(), decoding.latents()));
                }
                case Generation.Drawn drawn -> drawn;
            };
        }
        observed.decoderSteps.add(observed.latents);
        observed.rgb = ((Generation.Drawn) generation).rgb();
        return observed;
    }

    /** What went by on the way of one image; the latents after each step but the last of Stage C. */
    private static final class Observed {
        final List<float[]> priorSteps = new ArrayList<>();
        final List<float[]> decoderSteps = new ArrayList<>();
        float[] embeddings = {};
        float[] latents = {};
        byte[] rgb = {};

        void saw(Denoising denoising) {
            if (denoising.stage() == Stage.STAGE_B) {
                embeddings = denoising.input().rows().getFirst().effnet();
            }
            if (denoising.step() > 0) {
                (denoising.stage() == Stage.STAGE_C ? priorSteps : decoderSteps).add(denoising.latents());
            }
        }
    }

    /** Largest difference, as it is and relative to the largest expected value. */
    private record Error(double absolute, double relative) {
        static Error of(float[] actual, float[] expected) {
            assertThat(actual).hasSameSizeAs(expected);
            double difference = 0;
            double largest = 0;
            for (int i = 0; i < actual.length; i++) {
                difference = Math.max(difference, Math.abs((double) actual[i] - expected[i]));
                largest = Math.max(largest, Math.abs((double) expected[i]));
            }
            return new Error(difference, difference / largest);
        }

        @Override
        public String toString() {
            return "%.1e (relative %.1e)".formatted(absolute, relative);
        }
    }

    private record Pixels(double identical, int largest) {
        @Override
        public String toString() {
            return "%.4f %% of bytes identical, off by at most %d".formatted(100 * identical, largest);
        }
    }

    /** A golden run and the requests that ask for the same. */
    private static final class Run {
        final Golden golden;
        final List<Long> seeds = new ArrayList<>();

        Run(String name) {
            golden = Golden.read(name);
            JsonNode seed = golden.meta().get("seed");
            if (seed.isArray()) {
                seed.forEach(one -> seeds.add(one.longValue()));
            } else {
                seeds.add(seed.longValue());
            }
        }

        ImageRequest request(int image) {
            JsonNode meta = golden.meta();
            return ImageRequest.of(
                            pipeline.catalog().checkpoint(PRIOR),
                            meta.get("prompt").textValue(),
                            seeds.get(image))
                    .withNegativePrompt(meta.get("negative_prompt").textValue())
                    .withSize(new ImageSize(
                            meta.get("width").intValue(), meta.get("height").intValue()))
                    .withPriorTimesteps(timesteps(meta.get("prior")))
                    .withPriorGuidanceScale(
                            meta.get("prior").get("guidance_scale").doubleValue())
                    .withDecoderTimesteps(timesteps(meta.get("decoder")))
                    .withDecoderGuidanceScale(
                            meta.get("decoder").get("guidance_scale").doubleValue());
        }

        private static Timesteps timesteps(JsonNode stage) {
            JsonNode steps = stage.get("num_inference_steps");
            return steps.isNull() ? Timesteps.DEFAULT_STAGE_C : Timesteps.linear(steps.intValue());
        }

        GenerationPlan plan(int image) {
            ImageRequest request = request(image);
            var prior = repository.priors().getFirst();
            return new GenerationPlan(
                    request.size(),
                    repository.geometry(prior),
                    prior.embeddingScale(),
                    request.priorTimesteps(),
                    request.priorGuidanceScale(),
                    request.decoderTimesteps(),
                    request.decoderGuidanceScale(),
                    request.seed());
        }

        Error error(String tensor, int image, float[] actual) {
            return Error.of(actual, golden.item(tensor, image, seeds.size()));
        }

        /** Compares the latents after each step where the golden data has them; the runs that do have one image. */
        void checkSteps(String tensor, List<float[]> actual, int image) {
            if (!golden.has(tensor)) {
                return;
            }
            assertThat(image).isZero();
            int steps = actual.size() + (tensor.startsWith("prior") ? 1 : 0);
            for (int i = 0; i < actual.size(); i++) {
                assertThat(Error.of(actual.get(i), golden.item(tensor, i, steps)).relative)
                        .as("%s[%d]", tensor, i)
                        .isLessThanOrEqualTo(2e-5);
            }
        }

        Pixels pixels(int image, byte[] actual) {
            ByteBuffer expected = golden.bytes("image_u8_nhwc");
            assertThat(expected.remaining()).isEqualTo(actual.length * seeds.size());
            int identical = 0;
            int largest = 0;
            for (int i = 0; i < actual.length; i++) {
                int difference = Math.abs((actual[i] & 0xff) - (expected.get(image * actual.length + i) & 0xff));
                identical += difference == 0 ? 1 : 0;
                largest = Math.max(largest, difference);
            }
            return new Pixels((double) identical / actual.length, largest);
        }
    }
}
