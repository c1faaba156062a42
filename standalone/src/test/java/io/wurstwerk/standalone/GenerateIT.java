package io.wurstwerk.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.awt.image.BufferedImage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code generate} as a newcomer types it: nothing runs yet, and nothing runs afterwards. */
final class GenerateIT {
    private static final Pattern IMAGE_LINE =
            Pattern.compile("image (\\S+) seed (\\d+) url (http://\\S+) sha256 ([0-9a-f]{64})");

    @TempDir
    Path folder;

    @Test
    void aSentenceBecomesAPictureOfIt() throws Exception {
        var finished = WurstwerkProcess.run(
                folder, "generate", "a red circle on a white background", "--seed", "1", "-o", "circle.png");

        assertThat(finished.status()).as("%s", finished.err()).isZero();
        assertThat(finished.out()).hasSize(1);
        Matcher line = IMAGE_LINE.matcher(finished.out().getFirst());
        assertThat(line.matches()).as(finished.out().getFirst()).isTrue();
        assertThat(line.group(1)).isEqualTo("circle.png");
        assertThat(line.group(2)).isEqualTo("1");
        Path file = folder.resolve("circle.png");
        assertThat(line.group(4)).isEqualTo(sha256(file));
        BufferedImage image = ImageIO.read(file.toFile());
        assertThat(image.getWidth()).isEqualTo(256);
        assertThat(image.getHeight()).isEqualTo(256);
        assertThat(isRed(image.getRGB(128, 128))).as("the middle is red").isTrue();
        assertThat(isWhite(image.getRGB(4, 4))).as("the corner is white").isTrue();
        assertThat(finished.err()).anyMatch(text -> text.startsWith("stage c"));
    }

    @Test
    void severalImagesHaveConsecutiveSeedsAndNumberedFiles() throws Exception {
        var finished = WurstwerkProcess.run(
                folder,
                "generate",
                "a blue square",
                "--seed",
                "7",
                "--images",
                "2",
                "--steps",
                "4",
                "-o",
                "square.png");

        assertThat(finished.status()).as("%s", finished.err()).isZero();
        assertThat(finished.out()).hasSize(2);
        assertThat(finished.out().get(0)).startsWith("image square-0.png seed 7 url http://");
        assertThat(finished.out().get(1)).startsWith("image square-1.png seed 8 url http://");
        assertThat(folder.resolve("square-0.png")).exists();
        assertThat(folder.resolve("square-1.png")).exists();
    }

    @Test
    void jsonIsOneObjectOnStandardOutput() throws Exception {
        var finished = WurstwerkProcess.run(folder, "generate", "a green star", "--steps", "4", "--json");

        assertThat(finished.status()).as("%s", finished.err()).isZero();
        assertThat(finished.out()).hasSize(1);
        JsonNode object = new ObjectMapper().readTree(finished.out().getFirst());
        assertThat(object.path("state").asText()).isEqualTo("completed");
        String jobId = object.path("job_id").asText();
        JsonNode image = object.path("images").get(0);
        assertThat(image.path("path").asText()).isEqualTo("wurstwerk-" + jobId + ".png");
        assertThat(image.path("sha256").asText())
                .isEqualTo(sha256(folder.resolve(image.path("path").asText())));
    }

    @Test
    void aRejectedJobSaysEveryReasonAndExitsWithOne() throws Exception {
        var finished =
                WurstwerkProcess.run(folder, "generate", "a star", "--width", "200", "--images", "9", "-o", "no.png");

        assertThat(finished.status()).isEqualTo(1);
        assertThat(finished.out()).isEmpty();
        assertThat(String.join("\n", finished.err())).contains("rejected", "width", "256", "num_images_per_prompt");
        assertThat(folder.resolve("no.png")).doesNotExist();
    }

    @Test
    void aFileOfPromptsBecomesAFolderOfPicturesNamedByLine() throws Exception {
        Files.writeString(folder.resolve("shapes.txt"), """
                # two lines can be drawn
                a red circle
                {"prompt": "a star", "num_images_per_prompt": 2, "seed": 5}

                {"prompt": "a ring", "width": 200}
                {broken
                """);

        var finished = WurstwerkProcess.run(
                folder, "generate", "--prompts", "shapes.txt", "--steps", "2", "--decoder-steps", "2", "-o", "shapes");

        assertThat(finished.status()).as("%s", finished.err()).isEqualTo(1);
        assertThat(finished.out()).hasSize(3);
        for (String name : List.of("0002.png", "0003-0.png", "0003-1.png")) {
            String line = finished.out().stream()
                    .filter(text -> text.startsWith("image " + Path.of("shapes", name) + " "))
                    .findFirst()
                    .orElseThrow();
            assertThat(line).endsWith(sha256(folder.resolve("shapes").resolve(name)));
        }
        assertThat(finished.out()).anyMatch(line -> line.contains("0003-1.png seed 6 "));
        assertThat(String.join("\n", finished.err()))
                .contains("wurstwerk: line 5: rejected: invalid_request: ", "\n  width: ", "wurstwerk: line 6: begins");
        assertThat(finished.err().getLast())
                .matches("4 jobs: 2 done, 2 failed; 3 images in [0-9.]+ s, [0-9.]+ a minute; failed: lines 5-6");
    }

    @Test
    void promptsFromStandardInputBecomeOneObjectALineAndASummary() throws Exception {
        try (var generate = WurstwerkProcess.start(
                folder, "generate", "--prompts", "-", "--steps", "2", "--decoder-steps", "2", "--json")) {
            generate.type("a green star\n");

            var finished = generate.await();

            assertThat(finished.status()).as("%s", finished.err()).isZero();
            assertThat(finished.out()).hasSize(2);
            JsonNode job = new ObjectMapper().readTree(finished.out().getFirst());
            assertThat(job.path("line").asInt()).isEqualTo(1);
            assertThat(job.path("state").asText()).isEqualTo("completed");
            JsonNode image = job.path("images").get(0);
            assertThat(image.path("sha256").asText())
                    .isEqualTo(sha256(folder.resolve(image.path("path").asText())));
            JsonNode summary =
                    new ObjectMapper().readTree(finished.out().getLast()).path("summary");
            assertThat(summary.path("done").asInt()).isEqualTo(1);
            assertThat(summary.path("failed").asInt()).isZero();
        }
    }

    @Test
    void badUsageExitsWithTwoBeforeAnythingStarts() throws Exception {
        assertThat(WurstwerkProcess.run(folder, "generate").status()).isEqualTo(2);
        assertThat(WurstwerkProcess.run(folder, "generate", "x", "--seed", "red")
                        .status())
                .isEqualTo(2);
        assertThat(WurstwerkProcess.run(folder, "generate", "x", "-o", "none/x.png")
                        .status())
                .isEqualTo(2);
        assertThat(WurstwerkProcess.run(folder, "generate", "x", "--prompts", "y")
                        .status())
                .isEqualTo(2);
        assertThat(WurstwerkProcess.run(folder, "generate", "--prompts", "nowhere.txt")
                        .err()
                        .getFirst())
                .isEqualTo("wurstwerk: --prompts: there is no file nowhere.txt");
        Files.writeString(folder.resolve("blank.txt"), "# later\n\n");
        assertThat(WurstwerkProcess.run(folder, "generate", "--prompts", "blank.txt")
                        .status())
                .isEqualTo(2);
        assertThat(WurstwerkProcess.run(folder, "paint").status()).isEqualTo(2);
        assertThat(folder.resolve("data")).doesNotExist();
    }

    @Test
    void aFolderWithoutModelsIsNamed() throws Exception {
        var finished = WurstwerkProcess.run(folder, "generate", "x", "--repository", "nowhere");

        assertThat(finished.status()).isEqualTo(1);
        assertThat(String.join("\n", finished.err())).contains("no model repository at nowhere");
    }

    private static boolean isRed(int rgb) {
        return red(rgb) > 180 && green(rgb) < 80 && blue(rgb) < 80;
    }

    private static boolean isWhite(int rgb) {
        return red(rgb) > 225 && green(rgb) > 225 && blue(rgb) > 225;
    }

    private static int red(int rgb) {
        return rgb >> 16 & 255;
    }

    private static int green(int rgb) {
        return rgb >> 8 & 255;
    }

    private static int blue(int rgb) {
        return rgb & 255;
    }

    private static String sha256(Path file) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
    }
}
