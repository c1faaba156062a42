package io.wurstwerk.pipeline;

import io.wurstwerk.pipeline.text.TokenizerException;
import io.wurstwerk.pipeline.text.TokenizerFile;
import io.wurstwerk.pipeline.triton.WuerstchenRepository;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Which {@code tokenizer.json} a pipeline uses. The wrong one would give wrong token ids without any sign, so a file
 * that is known to be another encoder's is refused, and the library's own is used only if it is known to be right.
 */
final class TokenizerChoice {
    private TokenizerChoice() {}

    static TokenizerFile of(PipelineOptions options, WuerstchenRepository repository) {
        Path named = options.tokenizer();
        if (named == null) {
            return TokenizerFile.bundled()
                    .filter(file -> fits(file, repository).orElse(false))
                    .orElseThrow(() -> new TokenizerException("the tokenizer of the server's text_encoder_prior is not"
                            + " known here: name it with PipelineOptions.withRepository(folder) or"
                            + " withTokenizer(file); Triton's protocol cannot hand out the file"));
        }
        TokenizerFile file = TokenizerFile.read(named);
        if (!fits(file, repository).orElse(true)) {
            throw new TokenizerException("the tokenizer in " + named + " is not the one of the server's"
                    + " text_encoder_prior: the config.pbtxt beside it has another model_sha256; give the repository"
                    + " that the server has");
        }
        return file;
    }

    private static Optional<Boolean> fits(TokenizerFile file, WuerstchenRepository repository) {
        return Optional.ofNullable(file.encoderConfig()).flatMap(repository::servesTextEncoderOf);
    }
}
