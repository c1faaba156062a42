package io.wurstwerk.standalone.faults;

import com.fasterxml.jackson.databind.JsonNode;
import io.wurstwerk.pipeline.ImageRequest;
import io.wurstwerk.pipeline.Pipeline;
import io.wurstwerk.pipeline.PipelineOptions;
import io.wurstwerk.pipeline.ProgressListener;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;

/** Draws every image once without a break. */
final class Oracle {
    private final String triton;
    private final Path repository;

    Oracle(String triton, Path repository) {
        this.triton = triton;
        this.repository = repository;
    }

    /** Images whose bytes are not those of an unbroken run, and answers that are not images. */
    int different(JobLedger ledger) {
        int different = 0;
        Map<String, String> drawn = new HashMap<>();
        try (Pipeline pipeline =
                Pipeline.connect(triton, PipelineOptions.defaults().withRepository(repository))) {
            for (JobLedger.Wish wish : ledger.wishes()) {
                for (JsonNode answer : ledger.answers(wish)) {
                    if (answer.path("images").size() != wish.images()) {
                        different++;
                    }
                    for (JsonNode image : answer.path("images")) {
                        long seed = wish.seed() + image.path("index").asInt();
                        String right = drawn.computeIfAbsent(
                                wish.prompt() + seed, key -> sha256(pipeline, wish.prompt(), seed));
                        if (!image.path("sha256").asText().equals(right)) {
                            different++;
                        }
                    }
                }
            }
        }
        return different;
    }

    private static String sha256(Pipeline pipeline, String prompt, long seed) {
        ImageRequest request = ImageRequest.of(pipeline.catalog().defaultCheckpoint(), prompt, seed);
        byte[] png = pipeline.generate(request, ProgressListener.NONE).toPng();
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(png));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has SHA-256", e);
        }
    }
}
