package io.wurstwerk.pipeline;

import io.wurstwerk.pipeline.certificate.TlsFiles;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How to connect.
 *
 * @param metadataDeadline for each call about the server and its models
 * @param stepDeadline for each call of a model
 * @param tokenizer the {@code tokenizer.json} of the text encoders, a file; null for the one of the repository that
 *     comes with this library
 * @param priors Stage C checkpoints to look for; those that are served make the catalog
 * @param tls how the connection is secured; null for an open one
 */
public record PipelineOptions(
        Duration metadataDeadline,
        Duration stepDeadline,
        @Nullable Path tokenizer,
        List<String> priors,
        @Nullable TlsFiles tls) {
    private static final PipelineOptions DEFAULTS = new PipelineOptions(
            Duration.ofSeconds(10), Duration.ofSeconds(60), null, List.of("interpolated", "base", "finetuned"), null);

    public PipelineOptions {
        priors = List.copyOf(priors);
    }

    /** 10 s for metadata, 60 s for a step, the library's own tokenizer, the three released checkpoints, no TLS. */
    public static PipelineOptions defaults() {
        return DEFAULTS;
    }

    /**
     * The tokenizer of a model repository on this machine: Triton's protocol cannot hand out files, so the client
     * reads {@code text_encoder_prior/tokenizer.json} itself.
     *
     * @param folder the folder that has one folder for each model
     */
    public PipelineOptions withRepository(Path folder) {
        return withTokenizer(folder.resolve("text_encoder_prior").resolve("tokenizer.json"));
    }

    public PipelineOptions withTokenizer(Path file) {
        return new PipelineOptions(metadataDeadline, stepDeadline, file, priors, tls);
    }

    public PipelineOptions withMetadataDeadline(Duration deadline) {
        return new PipelineOptions(deadline, stepDeadline, tokenizer, priors, tls);
    }

    public PipelineOptions withStepDeadline(Duration deadline) {
        return new PipelineOptions(metadataDeadline, deadline, tokenizer, priors, tls);
    }

    public PipelineOptions withPriors(List<String> names) {
        return new PipelineOptions(metadataDeadline, stepDeadline, tokenizer, names, tls);
    }

    public PipelineOptions withTls(TlsFiles files) {
        return new PipelineOptions(metadataDeadline, stepDeadline, tokenizer, priors, files);
    }
}
