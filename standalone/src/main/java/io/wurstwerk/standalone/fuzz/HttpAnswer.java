package io.wurstwerk.standalone.fuzz;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One answer of an HTTP/1 server, read strictly.
 *
 * @param headers by lower-case name
 */
record HttpAnswer(int status, Map<String, String> headers, String body) {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int LONGEST_LINE = 64 * 1024;
    private static final int LONGEST_BODY = 16 << 20;

    /**
     * Reads an answer.
     *
     * @param head whether it has no body, whatever its headers say
     * @return empty when the server has closed the connection instead
     * @throws Finding when it is not well-formed
     */
    static Optional<HttpAnswer> read(InputStream in, boolean head) throws Finding, IOException {
        return read(in, head, "HTTP/1\\.[01]");
    }

    /**
     * Reads an answer to what is perhaps not HTTP. Quarkus refuses a target that is no URI before anything else is asked,
     * and Vert.x then repeats whatever stands where a version should.
     */
    static Optional<HttpAnswer> readAnyVersion(InputStream in, boolean head) throws Finding, IOException {
        return read(in, head, "(HTTP/1\\.[01]|[^ ]*(?= 400 ))");
    }

    private static Optional<HttpAnswer> read(InputStream in, boolean head, String version) throws Finding, IOException {
        String first = line(in);
        if (first == null) {
            return Optional.empty();
        }
        if (!first.matches(version + " [1-5][0-9][0-9]( .*)?")) {
            throw new Finding("no status line: " + Junk.shown(first.getBytes(ISO_8859_1)));
        }
        int status = Integer.parseInt(first.split(" ", -1)[1]);
        Map<String, String> headers = new HashMap<>();
        String line = required(in);
        while (!line.isEmpty()) {
            int colon = line.indexOf(':');
            if (colon < 1 || line.substring(0, colon).matches(".*[^!-~].*")) {
                throw new Finding("no header line: " + Junk.shown(line.getBytes(ISO_8859_1)));
            }
            headers.put(
                    line.substring(0, colon).toLowerCase(Locale.ROOT),
                    line.substring(colon + 1).strip());
            line = required(in);
        }
        boolean empty = head || status == 204 || status == 304 || status < 200;
        String body = empty ? "" : new String(body(in, headers), UTF_8);
        return Optional.of(new HttpAnswer(status, headers, body));
    }

    /** @throws Finding when it says that the server is at fault, or its body is not what its type says */
    void check() throws Finding {
        if (status >= 500) {
            throw new Finding("status " + status + ": " + body);
        }
        String type = headers.getOrDefault("content-type", "");
        if (!body.isEmpty() && type.contains("json") && !type.contains("jsonl")) {
            JsonNode tree = json();
            if (type.startsWith("application/problem+json")
                    && tree.path("status").asInt() != status) {
                throw new Finding("a problem of another status than " + status + ": " + body);
            }
        }
    }

    JsonNode json() throws Finding {
        try {
            return JSON.readTree(body);
        } catch (JsonProcessingException unreadable) {
            throw new Finding("no JSON: " + body);
        }
    }

    private static byte[] body(InputStream in, Map<String, String> headers) throws Finding, IOException {
        if (headers.getOrDefault("transfer-encoding", "").equalsIgnoreCase("chunked")) {
            return chunks(in);
        }
        String length = headers.get("content-length");
        if (length == null) {
            return in.readNBytes(LONGEST_BODY);
        }
        if (!length.matches("[0-9]{1,9}")) {
            throw new Finding("Content-Length: " + length);
        }
        byte[] body = in.readNBytes(Integer.parseInt(length));
        if (body.length != Integer.parseInt(length)) {
            throw new Finding("a body of " + body.length + " bytes, and Content-Length: " + length);
        }
        return body;
    }

    private static byte[] chunks(InputStream in) throws Finding, IOException {
        var body = new ByteArrayOutputStream();
        while (true) {
            String size = required(in);
            if (!size.matches("[0-9a-fA-F]{1,7}(;.*)?")) {
                throw new Finding("no chunk: " + size);
            }
            int count = Integer.parseInt(size.replaceFirst(";.*", ""), 16);
            body.write(in.readNBytes(count));
            required(in);
            if (count == 0) {
                return body.toByteArray();
            }
        }
    }

    private static String required(InputStream in) throws IOException {
        String line = line(in);
        if (line == null) {
            throw new EOFException("the answer ends in the middle");
        }
        return line;
    }

    /** Without its end; null at the end of the stream. */
    private static @Nullable String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        int b = in.read();
        if (b < 0) {
            return null;
        }
        while (b >= 0 && b != '\n' && line.length() < LONGEST_LINE) {
            if (b != '\r') {
                line.append((char) b);
            }
            b = in.read();
        }
        return line.toString();
    }
}
