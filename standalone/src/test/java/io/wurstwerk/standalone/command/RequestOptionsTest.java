package io.wurstwerk.standalone.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

final class RequestOptionsTest {
    @Test
    void onlyWhatIsGivenIsAsked() {
        assertThat(options().request("a star").toString()).isEqualTo("{\"prompt\":\"a star\"}");
        assertThat(options("--seed", "-3", "--images", "2", "--width", "384")
                        .request("a star")
                        .toString())
                .isEqualTo("{\"prompt\":\"a star\",\"width\":384,\"seed\":-3,\"num_images_per_prompt\":2}");
    }

    @Test
    void aDraftIsAskedForAndFinishedWithWhatIsGiven() {
        assertThat(options("--draft").request("a star").toString()).isEqualTo("{\"prompt\":\"a star\",\"draft\":true}");
        assertThat(options("--decoder-steps", "4", "--output-format", "webp")
                        .promotion("abc")
                        .toString())
                .isEqualTo("{\"promote\":\"abc\",\"num_inference_steps\":4,\"output_format\":\"webp\"}");
    }

    @Test
    void aPromotionTakesNeitherPromptNorDraft() {
        assertThat(CommandLineInterface.run("generate", "a fox", "--promote", "abc"))
                .isEqualTo(CommandLineInterface.USAGE);
        assertThat(CommandLineInterface.run("generate", "--draft", "--promote", "abc"))
                .isEqualTo(CommandLineInterface.USAGE);
    }

    @Test
    void aLineKnowsBetterThanTheOptions() throws Exception {
        RequestOptions options = options("--steps", "4", "--decoder-steps", "3", "--seed", "1");

        assertThat(options.under(object("{\"prompt\":\"a\",\"seed\":9}")).toString())
                .isEqualTo("{\"seed\":9,\"prior_num_inference_steps\":4,\"num_inference_steps\":3,\"prompt\":\"a\"}");
    }

    @Test
    void stepsThatALineListsReplaceTheirNumber() throws Exception {
        RequestOptions options = options("--steps", "4", "--decoder-steps", "3");

        assertThat(options.under(object("{\"prior_timesteps\":[1,0]}")).toString())
                .isEqualTo("{\"num_inference_steps\":3,\"prior_timesteps\":[1,0]}");
        assertThat(options.under(object("{\"decoder_timesteps\":[1,0]}")).toString())
                .isEqualTo("{\"prior_num_inference_steps\":4,\"decoder_timesteps\":[1,0]}");
    }

    @Test
    void aFormatOfItsOwnNeedsNoOthersQuality() throws Exception {
        RequestOptions options = options("--output-format", "jpeg", "--output-quality", "80", "--metadata", "full");

        assertThat(options.under(object("{}")).toString())
                .isEqualTo("{\"output_format\":\"jpeg\",\"output_quality\":80,\"metadata\":\"full\"}");
        assertThat(options.under(object("{\"output_format\":\"png\"}")).toString())
                .isEqualTo("{\"output_format\":\"png\",\"metadata\":\"full\"}");
    }

    @ParameterizedTest
    @CsvSource({"a.webp,webp", "a.JPG,jpeg", "b/a.jpeg,jpeg", "a.png,png", "a.tiff,", "webp,"})
    void withoutAFormatTheNameOfTheFileSaysIt(String name, String format) {
        GenerateCommand command = new GenerateCommand();
        new CommandLine(command).parseArgs("a fox", "-o", name);

        assertThat(command.formatOfName()).isEqualTo(format);
    }

    @Test
    void anUnknownFormatIsBadUsage() {
        assertThat(CommandLineInterface.run("generate", "a fox", "--output-format", "gif"))
                .isEqualTo(CommandLineInterface.USAGE);
    }

    private static RequestOptions options(String... arguments) {
        RequestOptions options = new RequestOptions();
        new CommandLine(options).parseArgs(arguments);
        return options;
    }

    private static ObjectNode object(String json) throws Exception {
        return (ObjectNode) new ObjectMapper().readTree(json);
    }
}
