package io.wurstwerk.orchestrator.host;

import static io.wurstwerk.orchestrator.host.Works.ordered;
import static io.wurstwerk.orchestrator.stack.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.wurstwerk.orchestrator.job.JobId;
import io.wurstwerk.orchestrator.stack.Answers;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Previews over real parts: who draws learns from a command that somebody watches, wherever that somebody is. */
class WatchedTest {

    @TempDir
    static Path folder;

    @Test
    void aWatchedJobHasPreviewsInItsProgressAndItsNeighbourHasNone() throws Exception {
        try (Works works = new Works(folder)) {
            Member member = works.join(1, 100);
            works.triton.holdAfter(2);
            Instant deadline = Instant.now().plus(Duration.ofHours(1));
            JobId watched = works.submit(ordered("watched", 0, 12, deadline), 0);
            JobId unwatched = works.submit(ordered("watched", 1, 12, deadline), 0);
            works.write("commands", 0, watched.value(), "{\"command\":\"watch\"}".getBytes(StandardCharsets.UTF_8));
            await(() -> member.watched.watching(watched));
            works.triton.release();
            works.assertAnsweredOnce(List.of(watched, unwatched), "completed");
            try (var progress = new Answers(works.kafka.bootstrapServers(), "wurstwerk.progress", Works.PARTITIONS)) {
                assertThat(previews(progress, unwatched)).isEmpty();
                List<JsonNode> previews = previews(progress, watched);
                assertThat(previews).isNotEmpty();
                for (JsonNode preview : previews) {
                    assertThat(preview.path("content_type").textValue()).isEqualTo("image/png");
                    BufferedImage image = ImageIO.read(
                            new ByteArrayInputStream(preview.path("data").binaryValue()));
                    assertThat(List.of(image.getWidth(), image.getHeight()))
                            .containsExactly(
                                    preview.path("width").intValue(),
                                    preview.path("height").intValue())
                            .containsExactly(96, 96);
                }
            }
            works.leave();
        }
    }

    private static List<JsonNode> previews(Answers progress, JobId job) throws Exception {
        progress.await(step -> step.key().equals(job.value())
                && step.data().path("stage").asText().equals("upload")
                && step.data().path("step").intValue() == 1);
        return progress.all().stream()
                .filter(step -> step.key().equals(job.value()) && step.data().has("preview"))
                .map(step -> step.data().path("preview"))
                .toList();
    }
}
