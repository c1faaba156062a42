package io.wurstwerk.pipeline.triton;

import io.wurstwerk.pipeline.diffusion.LatentGeometry;
import io.wurstwerk.pipeline.diffusion.LatentShape;
import io.wurstwerk.pipeline.diffusion.Stage;
import io.wurstwerk.pipeline.diffusion.StepInput;
import io.wurstwerk.pipeline.diffusion.StepInput.Row;
import io.wurstwerk.pipeline.text.PromptTokenizer;
import io.wurstwerk.pipeline.text.PromptTokens;
import io.wurstwerk.triton.protocol.ModelInferResponse;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Gatherers;

/**
 * The five networks as functions. Each call is one ModelInfer with the rows as its batch, or several where there are
 * more rows than the model's {@code max_batch_size}. Thread-safe.
 *
 * <p>All methods throw {@link TritonException}, and {@link java.util.concurrent.CancellationException} when the calling
 * thread is interrupted.
 */
public final class WuerstchenModels {
    private final TritonClient client;
    private final WuerstchenRepository repository;

    public WuerstchenModels(TritonClient client, WuerstchenRepository repository) {
        this.client = client;
        this.repository = repository;
    }

    /** {@link #encodeForPrior(List, CallContext)} without a context. */
    public List<float[]> encodeForPrior(List<PromptTokens> prompts) {
        return encodeForPrior(prompts, CallContext.NONE);
    }

    /** Last hidden states of the prior's text encoder, [77, width] for each prompt. */
    public List<float[]> encodeForPrior(List<PromptTokens> prompts, CallContext context) {
        return encode(repository.model(WuerstchenRepository.TEXT_ENCODER_PRIOR), prompts, context);
    }

    /** {@link #encodeForDecoder(List, CallContext)} without a context. */
    public List<float[]> encodeForDecoder(List<PromptTokens> prompts) {
        return encodeForDecoder(prompts, CallContext.NONE);
    }

    /** Last hidden states of the decoder's text encoder, [77, width] for each prompt. */
    public List<float[]> encodeForDecoder(List<PromptTokens> prompts, CallContext context) {
        return encode(repository.model(WuerstchenRepository.TEXT_ENCODER_DECODER), prompts, context);
    }

    private List<float[]> encode(ServedModel model, List<PromptTokens> prompts, CallContext context) {
        String output = "last_hidden_state";
        int width = Math.toIntExact(
                Objects.requireNonNull(model.outputs().get(output)).dims().getLast());
        int elements = PromptTokenizer.LENGTH * width;
        List<float[]> states = new ArrayList<>();
        for (List<PromptTokens> batch : batches(model, prompts)) {
            ModelInferResponse response = new InferRequest(model, batch.size())
                    .longs("input_ids", batch.stream().map(PromptTokens::ids).toList())
                    .longs(
                            "attention_mask",
                            batch.stream().map(PromptTokens::mask).toList())
                    .send(client, output, context);
            float[] all = InferAnswer.of(model, response, output, batch.size(), PromptTokenizer.LENGTH, width)
                    .floats();
            for (int from = 0; from < all.length; from += elements) {
                states.add(Arrays.copyOfRange(all, from, from + elements));
            }
        }
        return states;
    }

    /** {@link #predict(String, StepInput, CallContext)} without a context. */
    public float[] predict(String prior, StepInput input) {
        return predict(prior, input, CallContext.NONE);
    }

    /**
     * The noise that Stage C or Stage B sees in each row's latents.
     *
     * @param prior name of the Stage C checkpoint; Stage B has only one model and ignores it
     * @return eps for each row of the input, in its order, concatenated
     */
    public float[] predict(String prior, StepInput input, CallContext context) {
        ServedModel model = repository.model(
                input.stage() == Stage.STAGE_C ? WuerstchenRepository.stageC(prior) : WuerstchenRepository.STAGE_B);
        LatentShape shape = input.latents();
        float[] eps = new float[input.rows().size() * shape.elements()];
        int done = 0;
        for (List<Row> batch : batches(model, input.rows())) {
            ModelInferResponse response = stepRequest(model, input, batch).send(client, "eps", context);
            float[] part = InferAnswer.of(
                            model, response, "eps", batch.size(), shape.channels(), shape.height(), shape.width())
                    .floats();
            System.arraycopy(part, 0, eps, done, part.length);
            done += part.length;
        }
        return eps;
    }

    private static InferRequest stepRequest(ServedModel model, StepInput input, List<Row> rows) {
        int width = rows.getFirst().text().length / PromptTokenizer.LENGTH;
        InferRequest request = new InferRequest(model, rows.size())
                .latents("x", rows.stream().map(Row::latents).toList(), input.latents())
                .floats(
                        "r",
                        rows.stream().map(row -> new float[] {row.timestep()}).toList(),
                        1)
                .floats(
                        input.stage() == Stage.STAGE_C ? "c" : "clip",
                        rows.stream().map(Row::text).toList(),
                        PromptTokenizer.LENGTH,
                        width);
        LatentShape effnet = input.effnet();
        return effnet == null
                ? request
                : request.latents(
                        "effnet",
                        rows.stream()
                                .map(row -> Objects.requireNonNull(row.effnet(), "effnet"))
                                .toList(),
                        effnet);
    }

    /** {@link #decode(LatentShape, float[], CallContext)} without a context. */
    public byte[] decode(LatentShape shape, float[] latents) {
        return decode(shape, latents, CallContext.NONE);
    }

    /**
     * Stage A's pixels.
     *
     * @param latents of one image, in {@code shape}
     * @return [height, width, 3]
     */
    public byte[] decode(LatentShape shape, float[] latents, CallContext context) {
        ServedModel model = repository.model(WuerstchenRepository.STAGE_A);
        ModelInferResponse response = new InferRequest(model, 1)
                .latents("latents", List.of(latents), shape)
                .send(client, "image", context);
        int scale = LatentGeometry.PIXELS_PER_LATENT;
        return InferAnswer.of(model, response, "image", 1, scale * shape.height(), scale * shape.width(), 3)
                .bytes();
    }

    private static <T> List<List<T>> batches(ServedModel model, List<T> rows) {
        return rows.stream().gather(Gatherers.windowFixed(model.maxBatchSize())).toList();
    }
}
