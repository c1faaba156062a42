package io.wurstwerk.standalone.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.wurstwerk.standalone.command.PromptLine.Unreadable;
import io.wurstwerk.standalone.command.PromptLine.Wish;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PromptFileTest {
    @Test
    void aLineIsAPromptOrAnObjectAndCountsFromOne() throws Exception {
        List<PromptLine> lines = read("""
                # shapes

                a red circle
                  {"prompt": "a star", "seed": 18446744073709551615, "prior_guidance_scale": 4.000000000000000001}
                   # indented
                \ta "quoted" ring, {not} JSON\t
                """);

        assertThat(lines.stream().map(PromptLine::number)).containsExactly(3, 4, 6);
        assertThat(lines.stream().map(line -> ((Wish) line).request().toString()))
                .containsExactly(
                        "{\"prompt\":\"a red circle\"}",
                        "{\"prompt\":\"a star\",\"seed\":18446744073709551615,\"prior_guidance_scale\":4.000000000000000001}",
                        "{\"prompt\":\"a \\\"quoted\\\" ring, {not} JSON\"}");
    }

    @Test
    void whatEditorsOnWindowsAddIsNoPartOfThePrompt() throws Exception {
        List<PromptLine> lines = read("\uFEFFa circle\r\n\r\na star\r\n");

        assertThat(lines.stream()
                        .map(line -> ((Wish) line).request().path("prompt").asText()))
                .containsExactly("a circle", "a star");
    }

    @Test
    void theLastLineNeedsNoEnd() throws Exception {
        assertThat(read("a circle\na star")).hasSize(2);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"prompt\": \"a star\"     | begins with { and is not a JSON object at column",
                "{prompt: \"a star\"}        | begins with { and is not a JSON object at column 2: Unexpected character ('p'",
                "{\"prompt\": \"a\"} and so  | begins with { and is not a JSON object at column",
                "{\"seed\": 1, \"seed\": 2}  | begins with { and is not a JSON object at column 19: Duplicate field 'seed'",
                "{}}                         | begins with { and is not a JSON object at column",
            })
    void aBrokenObjectSaysWhereItBreaks(String line, String reason) throws Exception {
        List<PromptLine> lines = read("first\n" + line + "\nthird\n");

        assertThat(lines).hasSize(3);
        assertThat(lines.get(1)).isInstanceOfSatisfying(Unreadable.class, unreadable -> {
            assertThat(unreadable.number()).isEqualTo(2);
            assertThat(unreadable.reason()).startsWith(reason).doesNotContain("\n");
        });
        assertThat(lines.get(2).number()).isEqualTo(3);
    }

    @Test
    void bytesThatAreNoTextSpoilTheirLineOnly() throws Exception {
        byte[] bytes = "caf\u00e9\nstar\n".getBytes(StandardCharsets.ISO_8859_1);

        List<PromptLine> lines = PromptFile.read(new ByteArrayInputStream(bytes));

        assertThat(lines.get(0)).isEqualTo(new Unreadable(1, "is not UTF-8"));
        assertThat(lines.get(1)).isInstanceOf(Wish.class);
    }

    @Test
    void aLineThatNoRequestHasRoomForIsRefused() throws Exception {
        String longest = "x".repeat(PromptFile.LONGEST_LINE);

        List<PromptLine> lines = read(longest + "\n" + longest + "x\n");

        assertThat(lines.get(0)).isInstanceOf(Wish.class);
        assertThat(lines.get(1)).isEqualTo(new Unreadable(2, "has 65537 bytes: a request has at most 65536"));
    }

    @Test
    void aFileThatIsTooLargeIsRefusedAsAWhole() throws Exception {
        assertThat(read("a\n".repeat(PromptFile.MOST_JOBS))).hasSize(PromptFile.MOST_JOBS);
        assertThatThrownBy(() -> read("a\n".repeat(PromptFile.MOST_JOBS + 1)))
                .isInstanceOf(IOException.class)
                .hasMessage("more than 100000 prompts: split them");
        assertThatThrownBy(() -> PromptFile.read(new ByteArrayInputStream(new byte[PromptFile.LARGEST_FILE + 1])))
                .isInstanceOf(IOException.class)
                .hasMessage("more than 16 MiB of prompts: split them");
    }

    @Test
    void commentsAndBlankLinesAreNoJobs() throws Exception {
        assertThat(read("# nothing\n\n  \n")).isEmpty();
        assertThat(read("")).isEmpty();
    }

    private static List<PromptLine> read(String text) throws IOException {
        return PromptFile.read(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
    }
}
