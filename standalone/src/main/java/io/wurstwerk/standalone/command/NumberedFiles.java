package io.wurstwerk.standalone.command;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A folder of images that are named by the line of their prompt: 0007.png, or 0007-0.png, 0007-1.png, ... */
record NumberedFiles(Path folder, int digits, Download download) implements Batch.Album {
    private static final int FEWEST_DIGITS = 4;

    /**
     * Makes the folder when it is absent.
     *
     * @param last the highest number, so that all names have the same length
     * @throws IOException when there is no folder to write to
     */
    static NumberedFiles in(Path folder, int last, Download download) throws IOException {
        Files.createDirectories(folder);
        if (!Files.isWritable(folder)) {
            throw new IOException("cannot write to " + folder);
        }
        return new NumberedFiles(
                folder, Math.max(FEWEST_DIGITS, Integer.toString(last).length()), download);
    }

    @Override
    public List<Path> keep(int line, Outcome.Completed outcome) throws IOException, InterruptedException {
        return download.to(names(line, outcome), outcome.images());
    }

    List<Path> names(int line, Outcome.Completed outcome) {
        String stem = String.format(Locale.ROOT, "%0" + digits + "d", line);
        int count = outcome.images().size();
        List<Path> names = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String extension = extension(outcome.event().path("images").path(i));
            names.add(folder.resolve(stem + (count == 1 ? "" : "-" + i) + extension));
        }
        return names;
    }

    /** What the name of such a file ends in. */
    static String extension(JsonNode image) {
        return switch (image.path("content_type").asText()) {
            case "image/jpeg" -> ".jpg";
            case "image/webp" -> ".webp";
            default -> ".png";
        };
    }
}
