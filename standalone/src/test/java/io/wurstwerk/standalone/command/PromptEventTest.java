package io.wurstwerk.standalone.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class PromptEventTest {

    @Test
    void whatIsNotAskedForIsLeftToTheOrchestrator() {
        ObjectNode body = body("a fox");
        assertThat(body.has("output_format")).isFalse();
        assertThat(body.has("output_quality")).isFalse();
        assertThat(body.has("metadata")).isFalse();
    }

    @Test
    void theFileThatIsAskedForIsInTheEvent() {
        ObjectNode body =
                body("a fox", "--output-format", "jpeg", "--output-quality", "80", "--metadata", "full", "-o", "x.png");
        assertThat(body.path("output_format").textValue()).isEqualTo("jpeg");
        assertThat(body.path("output_quality").intValue()).isEqualTo(80);
        assertThat(body.path("metadata").textValue()).isEqualTo("full");
    }

    @ParameterizedTest
    @CsvSource({"a.webp,webp", "a.JPG,jpeg", "b/a.jpeg,jpeg", "a.png,png", "a.tiff,", "webp,"})
    void withoutAFormatTheNameOfTheFileSaysIt(String name, String format) {
        assertThat(body("a fox", "-o", name).path("output_format").textValue()).isEqualTo(format);
    }

    @Test
    void anUnknownFormatIsBadUsage() {
        assertThat(CommandLineInterface.run("generate", "a fox", "--output-format", "gif"))
                .isEqualTo(CommandLineInterface.USAGE);
    }

    private static ObjectNode body(String... arguments) {
        GenerateCommand command = new GenerateCommand();
        new CommandLine(command).parseArgs(arguments);
        return PromptEvent.of(command, BigInteger.ONE).body();
    }
}
