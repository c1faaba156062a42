package io.wurstwerk.pipeline.triton;

import com.google.protobuf.TextFormat;
import io.wurstwerk.pipeline.diffusion.EmbeddingScale;
import io.wurstwerk.pipeline.diffusion.ImageSize;
import io.wurstwerk.pipeline.diffusion.LatentGeometry;
import io.wurstwerk.triton.protocol.ModelConfig;
import io.wurstwerk.triton.protocol.ModelParameter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A model repository that has been found fit to draw with: its models and the constants that clients need. */
public final class WuerstchenRepository {
    static final String TEXT_ENCODER_PRIOR = "text_encoder_prior";
    static final String TEXT_ENCODER_DECODER = "text_encoder_decoder";
    static final String STAGE_B = "stage_b";
    static final String STAGE_A = "stage_a";
    private static final String MODEL_HASH = "model_sha256";
    private static final String STAGE_C = "stage_c_";
    private static final int TRAINED_SIDE = 1024;

    private final Map<String, ServedModel> models;
    private final List<PriorModel> priors;
    private final double latentDimScale;

    private WuerstchenRepository(Map<String, ServedModel> models, List<PriorModel> priors, double latentDimScale) {
        this.models = models;
        this.priors = List.copyOf(priors);
        this.latentDimScale = latentDimScale;
    }

    /**
     * Reads metadata and configuration of all models and checks them against the contract.
     *
     * @param priorNames checkpoints to look for, in order of preference; at least one must be served
     * @throws RepositoryException naming every model and field that does not fit
     * @throws TritonException if the server does not answer, or is not ready
     */
    public static WuerstchenRepository read(TritonClient client, List<String> priorNames) {
        if (!client.serverReady()) {
            throw new TritonUnavailableException(
                    "the server at " + client.endpoint() + " answers, but is not ready to infer", null);
        }
        return new Reader(client).read(priorNames);
    }

    /** The Stage C checkpoints that are served, at least one. */
    public List<PriorModel> priors() {
        return priors;
    }

    /** How image sides become latent sides with the given checkpoint. */
    public LatentGeometry geometry(PriorModel prior) {
        return new LatentGeometry(prior.resolutionMultiple(), latentDimScale);
    }

    /**
     * Whether the served text encoder is the one that a configuration describes, by the hash of the network that both
     * state.
     *
     * @param config text of the {@code config.pbtxt} of {@code text_encoder_prior}
     * @return empty if one of them states none
     */
    public Optional<Boolean> servesTextEncoderOf(String config) {
        ModelConfig.Builder described = ModelConfig.newBuilder();
        try {
            TextFormat.merge(config, described);
        } catch (TextFormat.ParseException e) {
            return Optional.empty();
        }
        String served = model(TEXT_ENCODER_PRIOR).parameters().get(MODEL_HASH);
        ModelParameter expected = described.getParametersMap().get(MODEL_HASH);
        return served == null || expected == null
                ? Optional.empty()
                : Optional.of(served.equals(expected.getStringValue()));
    }

    /** Everything that decides what this repository draws, as text: names, versions, types and parameters. */
    public String identity() {
        StringBuilder identity = new StringBuilder();
        models.values().forEach(model -> identity.append(model.identity()).append('\n'));
        return identity.toString();
    }

    ServedModel model(String name) {
        ServedModel model = models.get(name);
        if (model == null) {
            throw new IllegalArgumentException("the repository has no model " + name);
        }
        return model;
    }

    static String stageC(String prior) {
        return STAGE_C + prior;
    }

    /** One reading, which collects what it finds wrong. */
    private static final class Reader {
        private final TritonClient client;
        private final Map<String, ServedModel> models = new TreeMap<>();
        private final List<String> problems = new ArrayList<>();

        Reader(TritonClient client) {
            this.client = client;
        }

        WuerstchenRepository read(List<String> priorNames) {
            long priorWidth = textEncoder(TEXT_ENCODER_PRIOR);
            long decoderWidth = textEncoder(TEXT_ENCODER_DECODER);
            ServedModel stageB = checked(STAGE_B, ModelContract.stageB(decoderWidth));
            checked(STAGE_A, ModelContract.stageA());
            double latentDimScale = stageB == null ? 1 : new Parameters(stageB, problems).positive("latent_dim_scale");
            List<PriorModel> priors = priors(priorNames, priorWidth, latentDimScale);
            if (!problems.isEmpty()) {
                throw new RepositoryException(client.endpoint(), problems);
            }
            return new WuerstchenRepository(models, priors, latentDimScale);
        }

        private long textEncoder(String name) {
            ServedModel encoder = checked(name, ModelContract.textEncoder());
            if (encoder == null) {
                return ModelContract.ANY;
            }
            ServedModel.Tensor states = encoder.outputs().get("last_hidden_state");
            if (states == null || states.dims().size() != 2) {
                return ModelContract.ANY;
            }
            long width = states.dims().getLast();
            if (width < 1) {
                problems.add("model " + name + ": output last_hidden_state has no fixed width");
            }
            return width;
        }

        private @Nullable ServedModel checked(String name, ModelContract contract) {
            if (!client.modelReady(name)) {
                problems.add("model " + name + " is not served");
                return null;
            }
            ServedModel model = ServedModel.read(client, name);
            contract.check(model, problems);
            models.put(name, model);
            return model;
        }

        private List<PriorModel> priors(List<String> names, long textWidth, double latentDimScale) {
            List<PriorModel> priors = new ArrayList<>();
            List<String> served = names.stream()
                    .filter(name -> client.modelReady(stageC(name)))
                    .toList();
            if (served.isEmpty()) {
                problems.add("no Stage C checkpoint is served, none of "
                        + String.join(
                                ", ",
                                names.stream().map(WuerstchenRepository::stageC).toList()));
            }
            for (String name : served) {
                ServedModel model = checked(stageC(name), ModelContract.stageC(textWidth));
                if (model != null) {
                    priors.add(prior(name, model, latentDimScale));
                }
            }
            return priors;
        }

        private PriorModel prior(String name, ServedModel model, double latentDimScale) {
            Parameters parameters = new Parameters(model, problems);
            int minSide = parameters.pixels("min_side");
            int maxSide = parameters.pixels("max_side");
            int otherwise = Math.max(minSide, Math.min(maxSide, TRAINED_SIDE));
            PriorModel prior = new PriorModel(
                    name,
                    new EmbeddingScale(parameters.positive("latent_mean"), parameters.positive("latent_std")),
                    parameters.positive("resolution_multiple"),
                    parameters.positive("default_guidance_scale"),
                    parameters.text("recommended_negative_prompt"),
                    new ImageSize(
                            parameters.pixels("default_width", otherwise),
                            parameters.pixels("default_height", otherwise)),
                    minSide,
                    maxSide,
                    parameters.pixels("side_multiple"),
                    parameters.sizes("image_sizes"));
            if (problems.isEmpty()) {
                checkSides(model.name(), prior, latentDimScale);
            }
            return prior;
        }

        private void checkSides(String model, PriorModel prior, double latentDimScale) {
            if (prior.minSide() % prior.sideMultiple() != 0 || prior.maxSide() < prior.minSide()) {
                problems.add("model " + model + ": parameters min_side " + prior.minSide() + ", max_side "
                        + prior.maxSide() + " and side_multiple " + prior.sideMultiple() + " contradict each other");
                return;
            }
            LatentGeometry geometry = new LatentGeometry(prior.resolutionMultiple(), latentDimScale);
            for (int side = prior.minSide(); side <= prior.maxSide(); side += prior.sideMultiple()) {
                ImageSize size = new ImageSize(side, side);
                if (!geometry.drawn(size).equals(size)) {
                    problems.add("model " + model + ": parameters resolution_multiple " + prior.resolutionMultiple()
                            + " and latent_dim_scale " + latentDimScale + " of " + STAGE_B + " draw "
                            + geometry.drawn(size) + " pixels where " + size + " were asked for");
                    return;
                }
            }
        }
    }
}
