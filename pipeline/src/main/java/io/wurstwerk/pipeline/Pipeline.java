package io.wurstwerk.pipeline;

import io.wurstwerk.pipeline.diffusion.Conditioning;
import io.wurstwerk.pipeline.diffusion.Generation;
import io.wurstwerk.pipeline.diffusion.Generation.Decoding;
import io.wurstwerk.pipeline.diffusion.Generation.Denoising;
import io.wurstwerk.pipeline.diffusion.Generation.Drawn;
import io.wurstwerk.pipeline.diffusion.GenerationPlan;
import io.wurstwerk.pipeline.diffusion.ImageSize;
import io.wurstwerk.pipeline.diffusion.NonFiniteException;
import io.wurstwerk.pipeline.diffusion.PreviewMap;
import io.wurstwerk.pipeline.diffusion.Stage;
import io.wurstwerk.pipeline.text.PromptTokenizer;
import io.wurstwerk.pipeline.text.PromptTokens;
import io.wurstwerk.pipeline.text.TokenizerException;
import io.wurstwerk.pipeline.text.TokenizerFile;
import io.wurstwerk.pipeline.triton.CallContext;
import io.wurstwerk.pipeline.triton.PriorModel;
import io.wurstwerk.pipeline.triton.RepositoryException;
import io.wurstwerk.pipeline.triton.TritonClient;
import io.wurstwerk.pipeline.triton.TritonException;
import io.wurstwerk.pipeline.triton.WuerstchenModels;
import io.wurstwerk.pipeline.triton.WuerstchenRepository;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/**
 * Würstchen behind one Triton endpoint. Thread-safe; many generations may run at once, each on its caller's thread.
 *
 * <p>Interrupting the thread that draws cancels the call in flight and throws {@link CancellationException} with the
 * interrupt flag kept.
 */
public final class Pipeline implements AutoCloseable {
    private final TritonClient client;
    private final PromptTokenizer tokenizer;
    private final WuerstchenRepository repository;
    private final WuerstchenModels models;
    private final Catalog catalog;
    private final String fingerprint;

    private Pipeline(
            TritonClient client, PromptTokenizer tokenizer, WuerstchenRepository repository, String fingerprint) {
        this.client = client;
        this.tokenizer = tokenizer;
        this.repository = repository;
        this.models = new WuerstchenModels(client, repository);
        this.catalog = new Catalog(
                repository.priors().stream().map(Pipeline::checkpoint).toList());
        this.fingerprint = fingerprint;
    }

    /** {@link #connect(String, PipelineOptions)} with {@link PipelineOptions#defaults()}. */
    public static Pipeline connect(String endpoint) {
        return connect(endpoint, PipelineOptions.defaults());
    }

    /**
     * Connects, reads metadata and configuration of all models, and checks that they can be drawn with.
     *
     * @param endpoint {@code host:port}
     * @throws TritonException if the server does not answer
     * @throws RepositoryException if its repository does not fit, naming models and fields
     * @throws TokenizerException if there is no tokenizer, or not the one of this repository
     */
    public static Pipeline connect(String endpoint, PipelineOptions options) {
        return connect(endpoint, endpoint, options);
    }

    /**
     * {@link #connect(String, PipelineOptions)} to one of several servers behind a name.
     *
     * @param endpoint where the server is, {@code address:port}
     * @param authority what it calls itself, {@code host:port}
     */
    public static Pipeline connect(String endpoint, String authority, PipelineOptions options) {
        TritonClient client = new TritonClient(
                endpoint, authority, options.metadataDeadline(), options.stepDeadline(), options.tls());
        try {
            WuerstchenRepository repository = WuerstchenRepository.read(client, options.priors());
            TokenizerFile file = TokenizerChoice.of(options, repository);
            PromptTokenizer tokenizer = PromptTokenizer.read(file);
            return new Pipeline(client, tokenizer, repository, Fingerprint.of(repository.identity(), file.sha256()));
        } catch (RuntimeException | Error e) {
            client.close();
            throw e;
        }
    }

    private static Checkpoint checkpoint(PriorModel prior) {
        return new Checkpoint(
                prior.name(),
                prior.defaultGuidanceScale(),
                prior.recommendedNegativePrompt(),
                prior.defaultSize(),
                prior.minSide(),
                prior.maxSide(),
                prior.sideMultiple(),
                prior.servedSizes());
    }

    /** What this repository can draw with. */
    public Catalog catalog() {
        return catalog;
    }

    /** Identity of what draws: models, their versions and parameters, and the tokenizer; 16 hex digits. */
    public String fingerprint() {
        return fingerprint;
    }

    /** Whether the server can infer now; false also when it does not answer in time. Never throws. */
    public boolean ready() {
        try {
            return client.serverReady();
        } catch (TritonException | CancellationException e) {
            return false;
        }
    }

    /** What the text encoders make of a prompt. The images of a job may share it, from any thread. */
    public Conditioning encode(Prompt prompt) {
        return encode(prompt, CallContext.NONE);
    }

    /** {@link #encode(Prompt)} with calls of this context. */
    public Conditioning encode(Prompt prompt, CallContext context) {
        PromptTokens positive = tokenizer.tokenize(prompt.text());
        String negativeText = prompt.negative() == null ? "" : prompt.negative();
        boolean guided = prompt.priorGuided() || prompt.decoderGuided();
        PromptTokens negative = guided ? tokenizer.tokenize(negativeText) : null;
        List<float[]> prior = models.encodeForPrior(tokens(positive, prompt.priorGuided() ? negative : null), context);
        List<float[]> decoder =
                models.encodeForDecoder(tokens(positive, prompt.decoderGuided() ? negative : null), context);
        return new Conditioning(
                prior.getFirst(),
                prompt.priorGuided() ? prior.getLast() : null,
                decoder.getFirst(),
                prompt.decoderGuided() ? decoder.getLast() : null,
                positive.truncated());
    }

    private static List<PromptTokens> tokens(PromptTokens positive, @Nullable PromptTokens negative) {
        List<PromptTokens> tokens = new ArrayList<>();
        tokens.add(positive);
        if (negative != null) {
            tokens.add(negative);
        }
        return tokens;
    }

    /** Encodes the prompt and draws the image. Throws as {@link #generate(ImageRequest, Conditioning, ProgressListener)}. */
    public Image generate(ImageRequest request, ProgressListener progress) {
        GenerationPlan plan = plan(request);
        StageClock clock = new StageClock(System::nanoTime);
        Conditioning conditioning = clock.time(Stage.TEXT, () -> encode(request.prompt()));
        progress.stepped(new Progress(Stage.TEXT, 1, 1));
        return draw(Generation.begin(plan, conditioning), request.prior(), progress, clock);
    }

    /**
     * Draws the image of a prompt that has been encoded.
     *
     * @param conditioning of the request's prompt, from {@link #encode}
     * @throws UnknownCheckpointException if the request names a checkpoint that is not served
     * @throws IllegalArgumentException if the checkpoint cannot draw the size; the message has the nearest one it can
     * @throws TritonException if a call fails; the pipeline itself does not try again
     * @throws NonFiniteException if the latents become NaN or infinite
     */
    public Image generate(ImageRequest request, Conditioning conditioning, ProgressListener progress) {
        return draw(
                Generation.begin(plan(request), conditioning),
                request.prior(),
                progress,
                new StageClock(System::nanoTime));
    }

    private GenerationPlan plan(ImageRequest request) {
        Checkpoint checkpoint = catalog.checkpoint(request.prior());
        ImageSize size = request.size();
        if (!checkpoint.draws(size)) {
            throw new IllegalArgumentException("checkpoint " + checkpoint.name() + " cannot draw " + size
                    + " pixels: sides must be multiples of " + checkpoint.sideMultiple() + " from "
                    + checkpoint.minSide() + " to " + checkpoint.maxSide() + "; the nearest size is "
                    + checkpoint.nearest(size));
        }
        PriorModel prior = repository.priors().stream()
                .filter(model -> model.name().equals(request.prior()))
                .findFirst()
                .orElseThrow();
        return new GenerationPlan(
                size,
                repository.geometry(prior),
                prior.embeddingScale(),
                request.priorTimesteps(),
                request.priorGuidanceScale(),
                request.decoderTimesteps(),
                request.decoderGuidanceScale(),
                request.seed());
    }

    /**
     * The generation of an image before its first step, for callers that step themselves.
     *
     * @param conditioning of the request's prompt, from {@link #encode}
     */
    public Generation begin(ImageRequest request, Conditioning conditioning) {
        return Generation.begin(plan(request), conditioning);
    }

    /**
     * The generation of an image whose first steps are done already; see {@link Generation#resume}.
     *
     * @param nextStep Stage C steps that are done
     * @param stageCLatents the latents after those steps
     */
    public Generation resume(ImageRequest request, Conditioning conditioning, int nextStep, float[] stageCLatents) {
        return Generation.resume(plan(request), conditioning, nextStep, stageCLatents);
    }

    /**
     * Asks the model that the generation wants next.
     *
     * @param prior name of the checkpoint
     * @return what the generation becomes; a finished one stays as it is
     * @throws TritonException if the call fails; the generation may be stepped again
     * @throws NonFiniteException if the latents become NaN or infinite
     */
    public Generation step(String prior, Generation generation) {
        return step(prior, generation, CallContext.NONE);
    }

    /** {@link #step(String, Generation)} with a call of this context. */
    public Generation step(String prior, Generation generation, CallContext context) {
        return switch (generation) {
            case Denoising denoising -> denoising.advance(models.predict(prior, denoising.input(), context));
            case Decoding decoding -> decoding.accept(models.decode(decoding.shape(), decoding.latents(), context));
            case Drawn drawn -> drawn;
        };
    }

    /** How the latents of a checkpoint look; empty where its configuration does not say. */
    public Optional<PreviewMap> preview(String prior) {
        return repository.priors().stream()
                .filter(model -> model.name().equals(prior))
                .findFirst()
                .flatMap(PriorModel::preview);
    }

    private Image draw(Generation begin, String prior, ProgressListener progress, StageClock clock) {
        Generation generation = begin;
        while (!(generation instanceof Drawn drawn)) {
            Generation before = generation;
            Progress after = Progress.after(before);
            generation = clock.time(after.stage(), () -> step(prior, before));
            progress.stepped(after);
        }
        return new Image(drawn, clock.timings());
    }

    /** Ends calls in flight and the connection. */
    @Override
    public void close() {
        tokenizer.close();
        client.close();
    }
}
