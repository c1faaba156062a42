package io.wurstwerk.orchestrator.engine;

import io.wurstwerk.orchestrator.job.Cost;
import io.wurstwerk.orchestrator.job.JobId;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * How far one image of a job is. The record's value ends with a CRC-32C of all that is before; a value that does not
 * verify is as good as none.
 *
 * @param attempt that wrote it
 * @param pipeline fingerprint of the models: another pipeline must not go on with these latents
 * @param content where the image stands
 */
public record Checkpoint(JobId job, int image, int attempt, String pipeline, Content content) {
    private static final int VERSION = 1;
    /** With the image's cost before the latents. */
    private static final int COSTED = 2;

    private static final byte LATENTS = 0;
    private static final byte STORED = 1;
    private static final int DONE = Integer.MAX_VALUE;

    public sealed interface Content {
        /** Orders contents of one image: more is further. */
        int progress();
    }

    /**
     * Between two steps of Stage C, or before Stage B.
     *
     * @param nextStep Stage C steps that are done
     * @param state what {@link Canvas#state()} gave
     * @param cost so far; null where nobody knows
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Latents(
            int nextStep, byte[] state, @Nullable Cost cost) implements Content {

        /** Latents of unknown cost. */
        public Latents(int nextStep, byte[] state) {
            this(nextStep, state, null);
        }

        @Override
        public int progress() {
            return nextStep;
        }
    }

    /** The image is in the store. */
    public record Stored(StoredObject object) implements Content {
        @Override
        public int progress() {
            return DONE;
        }
    }

    String key() {
        return key(job, image);
    }

    static String key(JobId job, int image) {
        return job + "/" + image;
    }

    byte[] encode() {
        byte[] fingerprint = pipeline.getBytes(StandardCharsets.UTF_8);
        byte[] payload = switch (content) {
            case Latents latents -> latents.state();
            case Stored stored -> stored.object().encode();
        };
        Cost spent = content instanceof Latents latents ? latents.cost() : null;
        byte[] cost = spent == null ? new byte[0] : spent.encode().getBytes(StandardCharsets.UTF_8);
        int head = 5 * Integer.BYTES + 1 + (spent == null ? 0 : Integer.BYTES);
        ByteBuffer buffer = ByteBuffer.allocate(head + fingerprint.length + cost.length + payload.length);
        buffer.putInt(spent == null ? VERSION : COSTED)
                .putInt(attempt)
                .putInt(fingerprint.length)
                .put(fingerprint);
        switch (content) {
            case Latents latents -> buffer.put(LATENTS).putInt(latents.nextStep());
            case Stored _ -> buffer.put(STORED).putInt(0);
        }
        if (spent != null) {
            buffer.putInt(cost.length).put(cost);
        }
        buffer.put(payload);
        buffer.putInt(crc(buffer.array(), buffer.position()));
        return buffer.array();
    }

    /** What a record of the checkpoints topic says; empty when it is damaged, foreign or of another version. */
    public static Optional<Checkpoint> decode(String key, byte[] value) {
        int slash = key.lastIndexOf('/');
        if (slash < 0 || value.length < 5 * Integer.BYTES + 1) {
            return Optional.empty();
        }
        ByteBuffer buffer = ByteBuffer.wrap(value);
        int body = value.length - Integer.BYTES;
        if (buffer.getInt(body) != crc(value, body)) {
            return Optional.empty();
        }
        int version = buffer.getInt();
        if (version != VERSION && version != COSTED) {
            return Optional.empty();
        }
        try {
            int attempt = buffer.getInt();
            byte[] fingerprint = new byte[buffer.getInt()];
            buffer.get(fingerprint);
            byte kind = buffer.get();
            int step = buffer.getInt();
            Cost cost = null;
            if (version == COSTED) {
                byte[] line = new byte[buffer.getInt()];
                buffer.get(line);
                cost = Cost.decode(new String(line, StandardCharsets.UTF_8));
            }
            byte[] payload = new byte[body - buffer.position()];
            buffer.get(payload);
            Content content =
                    kind == LATENTS ? new Latents(step, payload, cost) : new Stored(StoredObject.decode(payload));
            return Optional.of(new Checkpoint(
                    new JobId(key.substring(0, slash)),
                    Integer.parseInt(key.substring(slash + 1)),
                    attempt,
                    new String(fingerprint, StandardCharsets.UTF_8),
                    content));
        } catch (BufferUnderflowException | IllegalArgumentException | NegativeArraySizeException foreign) {
            return Optional.empty();
        }
    }

    private static int crc(byte[] bytes, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, length);
        return (int) crc.getValue();
    }
}
