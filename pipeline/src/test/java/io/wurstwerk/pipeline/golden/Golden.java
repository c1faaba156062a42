package io.wurstwerk.pipeline.golden;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;

/** A file of golden data that diffusers made; the README beside the files describes them. */
public final class Golden {
    private final JsonNode meta;
    private final byte[] data;

    private Golden(JsonNode meta, byte[] data) {
        this.meta = meta;
        this.data = data;
    }

    /** The folder of the data, a path of this machine. */
    public static Path folder() {
        URL readme = Golden.class.getResource("/golden/README.md");
        try {
            return Path.of(readme.toURI()).getParent();
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The tiny checkpoint that the runs were made with. */
    public static Path repository() {
        return folder().resolve("repository");
    }

    public static Golden read(String name) {
        try {
            return new Golden(json(name + ".json"), Files.readAllBytes(folder().resolve(name + ".bin")));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    public static JsonNode json(String file) {
        try {
            return new ObjectMapper().readTree(folder().resolve(file).toFile());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    public JsonNode meta() {
        return meta;
    }

    public boolean has(String tensor) {
        return find("tensors", tensor) != null;
    }

    public float[] floats(String tensor) {
        ByteBuffer bytes = bytes(tensor);
        float[] values = new float[bytes.remaining() / Float.BYTES];
        bytes.asFloatBuffer().get(values);
        return values;
    }

    /** Item {@code index} along the first dimension, or along the second where the first one is steps. */
    public float[] item(String tensor, int index, int items) {
        float[] all = floats(tensor);
        int length = all.length / items;
        float[] item = new float[length];
        System.arraycopy(all, index * length, item, 0, length);
        return item;
    }

    public long[] longs(String tensor) {
        ByteBuffer bytes = bytes(tensor);
        long[] values = new long[bytes.remaining() / Long.BYTES];
        bytes.asLongBuffer().get(values);
        return values;
    }

    public ByteBuffer bytes(String tensor) {
        JsonNode entry = find("tensors", tensor);
        if (entry == null) {
            throw new IllegalArgumentException("no tensor " + tensor);
        }
        return ByteBuffer.wrap(
                        data, entry.get("offset").intValue(), entry.get("bytes").intValue())
                .slice()
                .order(ByteOrder.LITTLE_ENDIAN);
    }

    /** SHA-256 of a tensor that was not kept. */
    public String digest(String tensor) {
        return find("digests", tensor).get("sha256").textValue();
    }

    private JsonNode find(String list, String tensor) {
        for (JsonNode entry : meta.path(list)) {
            if (entry.get("name").textValue().equals(tensor)) {
                return entry;
            }
        }
        return null;
    }

    /** SHA-256 of the little-endian bytes of some arrays, one after the other. */
    public static String sha256(List<float[]> arrays) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (float[] array : arrays) {
                ByteBuffer bytes =
                        ByteBuffer.allocate(array.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
                bytes.asFloatBuffer().put(array);
                digest.update(bytes);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Places where two arrays differ in any bit. */
    public static List<String> differences(float[] actual, float[] expected) {
        if (actual.length != expected.length) {
            return List.of(actual.length + " values instead of " + expected.length);
        }
        List<String> differences = new ArrayList<>();
        IntStream.range(0, actual.length)
                .filter(i -> Float.floatToRawIntBits(actual[i]) != Float.floatToRawIntBits(expected[i]))
                .forEach(i -> differences.add("[" + i + "] " + actual[i] + " instead of " + expected[i]));
        return differences;
    }
}
