package io.wurstwerk.standalone.command;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads a file of prompts: UTF-8, one job a line. A line that begins with <code>{</code> is a JSON object with fields of a
 * request, any other is a prompt; blank lines and lines that begin with # count for nothing. What a request may say is not
 * judged here: the orchestrator does that for everybody.
 */
final class PromptFile {
    /** The orchestrator takes no longer request. */
    static final int LONGEST_LINE = 65_536;

    static final int LARGEST_FILE = 16 << 20;
    static final int MOST_JOBS = 100_000;

    /** Numbers keep all of their digits on the way through. */
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .build();

    private PromptFile() {}

    /**
     * @return every job and every line that is none, in order
     * @throws IOException when the stream fails or has more than {@value #LARGEST_FILE} bytes or {@value #MOST_JOBS} jobs
     */
    static List<PromptLine> read(InputStream in) throws IOException {
        byte[] bytes = in.readNBytes(LARGEST_FILE + 1);
        if (bytes.length > LARGEST_FILE) {
            throw new IOException("more than " + (LARGEST_FILE >> 20) + " MiB of prompts: split them");
        }
        List<PromptLine> lines = new ArrayList<>();
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        int number = 1;
        for (byte b : bytes) {
            if (b == '\n') {
                add(lines, number++, line.toByteArray());
                line.reset();
            } else {
                line.write(b);
            }
        }
        add(lines, number, line.toByteArray());
        return List.copyOf(lines);
    }

    private static void add(List<PromptLine> lines, int number, byte[] bytes) throws IOException {
        if (lines.size() >= MOST_JOBS && bytes.length > 0) {
            throw new IOException("more than " + MOST_JOBS + " prompts: split them");
        }
        if (bytes.length > LONGEST_LINE) {
            lines.add(new PromptLine.Unreadable(
                    number, "has " + bytes.length + " bytes: a request has at most " + LONGEST_LINE));
            return;
        }
        String text;
        try {
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            lines.add(new PromptLine.Unreadable(number, "is not UTF-8"));
            return;
        }
        // Editors on Windows begin files with a byte order mark and end lines with a carriage return.
        if (number == 1 && text.startsWith("\uFEFF")) {
            text = text.substring(1);
        }
        text = text.strip();
        if (!text.isEmpty() && !text.startsWith("#")) {
            lines.add(text.startsWith("{") ? object(number, text) : prompt(number, text));
        }
    }

    private static PromptLine prompt(int number, String text) {
        return new PromptLine.Wish(number, JSON.createObjectNode().put("prompt", text));
    }

    private static PromptLine object(int number, String text) {
        try {
            JsonNode node = JSON.readTree(text);
            return node instanceof ObjectNode request
                    ? new PromptLine.Wish(number, request)
                    : new PromptLine.Unreadable(number, "is not a JSON object");
        } catch (JsonProcessingException e) {
            String where = e.getLocation() == null
                    ? ""
                    : " at column " + e.getLocation().getColumnNr();
            return new PromptLine.Unreadable(
                    number,
                    "begins with { and is not a JSON object" + where + ": "
                            + e.getOriginalMessage().replaceAll("\\s+", " "));
        }
    }
}
