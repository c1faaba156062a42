package io.wurstwerk.pipeline.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.wurstwerk.pipeline.golden.Golden;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PromptTokenizerTest {
    private static final Path FILE = Golden.repository().resolve("text_encoder_prior/tokenizer.json");
    private static PromptTokenizer tokenizer;

    @BeforeAll
    static void open() {
        tokenizer = PromptTokenizer.read(TokenizerFile.read(FILE));
    }

    @AfterAll
    static void close() {
        tokenizer.close();
    }

    @Test
    void everyRecordedTextGetsTheTokensOfClipTokenizerFast() {
        List<String> wrong = new ArrayList<>();
        JsonNode cases = Golden.json("tokenizer_cases.json");
        for (JsonNode example : cases) {
            PromptTokens tokens = tokenizer.tokenize(example.get("text").textValue());
            if (!equal(tokens.ids(), example.get("ids")) || !equal(tokens.mask(), example.get("mask"))) {
                wrong.add(example.get("text").textValue());
            }
        }
        assertThat(cases).hasSizeGreaterThan(40);
        assertThat(wrong).isEmpty();
    }

    @Test
    void aPromptIsTruncatedAfter75TokensAndSaysSo() {
        String token = "a ";
        PromptTokens fits = tokenizer.tokenize(token.repeat(75));
        PromptTokens tooLong = tokenizer.tokenize(token.repeat(76));

        assertThat(fits.truncated()).isFalse();
        assertThat(tooLong.truncated()).isTrue();
        assertThat(tooLong.ids()).isEqualTo(fits.ids());
    }

    @Test
    void aTokenizerThatPadsWithAnotherTokenIsRefused() throws IOException {
        ObjectNode json = (ObjectNode) new ObjectMapper().readTree(FILE.toFile());
        ObjectNode padding = (ObjectNode) json.get("padding");
        padding.put("pad_id", 0).put("pad_token", "!");
        TokenizerFile file = new TokenizerFile(json.toString().getBytes(StandardCharsets.UTF_8), "elsewhere", null);

        assertThatThrownBy(() -> PromptTokenizer.read(file))
                .isInstanceOf(TokenizerException.class)
                .hasMessageContaining("elsewhere")
                .hasMessageContaining("padding");
    }

    @Test
    void aFileThatIsNoTokenizerIsRefusedWithItsOrigin() {
        TokenizerFile file = new TokenizerFile("{\"model\": 1}".getBytes(StandardCharsets.UTF_8), "elsewhere", null);
        assertThatThrownBy(() -> PromptTokenizer.read(file))
                .isInstanceOf(TokenizerException.class)
                .hasMessageContaining("cannot read the tokenizer from elsewhere");
    }

    @Test
    void aMissingFileIsRefusedWithWhereItShouldBe(@TempDir Path folder) {
        assertThatThrownBy(() -> TokenizerFile.read(folder.resolve("tokenizer.json")))
                .isInstanceOf(TokenizerException.class)
                .hasMessageContaining(folder.toString())
                .hasMessageContaining("beside the config.pbtxt of text_encoder_prior");
    }

    @Test
    void theTokenizerOfTheShippedRepositoryComesWithTheLibrary() {
        TokenizerFile bundled = TokenizerFile.bundled().orElseThrow();
        assertThat(bundled.encoderConfig()).contains("text_encoder_prior", "model_sha256");
        try (PromptTokenizer own = PromptTokenizer.read(bundled)) {
            assertThat(own.tokenize("a red circle").truncated()).isFalse();
        }
    }

    private static boolean equal(long[] actual, JsonNode expected) {
        if (actual.length != expected.size()) {
            return false;
        }
        for (int i = 0; i < actual.length; i++) {
            if (actual[i] != expected.get(i).longValue()) {
                return false;
            }
        }
        return true;
    }
}
