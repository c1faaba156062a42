package io.wurstwerk.pipeline;

import io.wurstwerk.pipeline.text.TokenizerException;
import io.wurstwerk.pipeline.text.TokenizerFile;
import io.wurstwerk.pipeline.triton.WuerstchenRepository;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Which {@code tokenizer.json} a pipeline uses. The wrong one would give wrong token ids without any sign, so one that
 * nobody named is used only if the repository says by its hash that it is the right one.
 */
final class TokenizerChoice {
    private TokenizerChoice() {}

    static TokenizerFile of(PipelineOptions options, WuerstchenRepository repository) {
        Optional<String> wanted = repository.tokenizerSha256();
        Path named = options.tokenizer();
        if (named != null) {
            TokenizerFile file = TokenizerFile.read(named);
            if (wanted.isPresent() && !wanted.get().equals(file.sha256())) {
                throw new TokenizerException("the tokenizer in " + named + " (sha256 " + file.sha256()
                        + ") is not the one that text_encoder_prior on the server wants (" + wanted.get()
                        + "): give the tokenizer.json of the repository that the server has");
            }
            return file;
        }
        return TokenizerFile.bundled()
                .filter(file -> wanted.filter(file.sha256()::equals).isPresent())
                .orElseThrow(
                        () -> new TokenizerException("the tokenizer of the server's text_encoder_prior is not known"
                                + " here: name it with PipelineOptions.withRepository(folder) or withTokenizer(file);"
                                + " Triton's protocol cannot hand out the file"));
    }
}
