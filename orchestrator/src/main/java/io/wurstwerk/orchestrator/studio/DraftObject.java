package io.wurstwerk.orchestrator.studio;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.wurstwerk.orchestrator.job.ImageOrder;
import io.wurstwerk.orchestrator.prompt.SubmissionJson;
import io.wurstwerk.orchestrator.store.ObjectKey;
import io.wurstwerk.pipeline.diffusion.LatentShape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * What a draft leaves behind of an image, so that it can be finished: the latents of Stage C, and all that they were
 * made from. As an object: eight bytes that name the format and its version, the length of the JSON that follows in four
 * bytes, that JSON, and the latents as float32, everything little-endian.
 *
 * @param pipeline fingerprint of the models that drew: no other may go on
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record DraftObject(String pipeline, ImageOrder order, LatentShape shape, float[] latents) {

    static final int MOST_BYTES = 4 * 1024 * 1024;

    private static final byte[] FORMAT = "WWDRAFT1".getBytes(UTF_8);
    private static final int HEAD = FORMAT.length + Integer.BYTES;
    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    byte[] encode() {
        byte[] values = LaneCanvas.bytes(latents);
        ObjectNode manifest = MAPPER.createObjectNode().put("pipeline", pipeline);
        manifest.putArray("shape").add(shape.channels()).add(shape.height()).add(shape.width());
        manifest.put("sha256", ObjectKey.sha256(values)).set("order", SubmissionJson.order(order));
        byte[] json;
        try {
            json = MAPPER.writeValueAsBytes(manifest);
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException("a JSON tree can be written", impossible);
        }
        return ByteBuffer.allocate(HEAD + json.length + values.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(FORMAT)
                .putInt(json.length)
                .put(json)
                .put(values)
                .array();
    }

    /** @throws IllegalArgumentException when the bytes are damaged, or of another format; the message quotes nothing */
    static DraftObject decode(byte[] object) {
        if (object.length < HEAD || !Arrays.equals(object, 0, FORMAT.length, FORMAT, 0, FORMAT.length)) {
            throw new IllegalArgumentException("the draft is of a format that this version does not read");
        }
        int length = ByteBuffer.wrap(object).order(ByteOrder.LITTLE_ENDIAN).getInt(FORMAT.length);
        if (length < 0 || length > object.length - HEAD) {
            throw new IllegalArgumentException("the draft is damaged: its head does not end");
        }
        byte[] values = Arrays.copyOfRange(object, HEAD + length, object.length);
        try {
            JsonNode manifest = MAPPER.readTree(object, HEAD, length);
            JsonNode sides = manifest.required("shape");
            var shape = new LatentShape(
                    sides.required(0).intValue(),
                    sides.required(1).intValue(),
                    sides.required(2).intValue());
            if (!ObjectKey.sha256(values).equals(manifest.required("sha256").textValue())
                    || values.length != shape.elements() * Float.BYTES) {
                throw new IllegalArgumentException("the draft is damaged: its latents are others");
            }
            return new DraftObject(
                    manifest.required("pipeline").textValue(),
                    SubmissionJson.readOrder(manifest.required("order")),
                    shape,
                    LaneCanvas.latents(values));
        } catch (IOException | RuntimeException broken) {
            throw new IllegalArgumentException("the draft is damaged");
        }
    }
}
