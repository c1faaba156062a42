package io.wurstwerk.orchestrator.view;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.wurstwerk.orchestrator.engine.JournalEntry;
import io.wurstwerk.orchestrator.job.JobId;
import io.wurstwerk.orchestrator.job.Submission;
import io.wurstwerk.orchestrator.ownership.JournalJson;
import io.wurstwerk.orchestrator.prompt.SubmissionJson;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** How a viewed job lies on disk: its parts in the form that their topics have, each preceded by its length. */
final class ViewedJobBytes {

    private static final JsonMapper MAPPER = JsonMapper.builder().build();
    private static final byte PROVISIONAL = 1;

    private ViewedJobBytes() {}

    static byte[] write(ViewedJob job) {
        byte[] submission = job.submission() == null ? new byte[0] : SubmissionJson.write(job.submission());
        byte[] standing = job.standing() == null ? new byte[0] : JournalJson.write(job.standing());
        byte[] answer = job.answer() == null ? new byte[0] : json(job.answer());
        ByteBuffer bytes = ByteBuffer.allocate(
                1 + 5 * Long.BYTES + 3 * Integer.BYTES + submission.length + standing.length + answer.length);
        bytes.put(job.provisional() ? PROVISIONAL : 0)
                .putLong(job.journalled())
                .putLong(job.accepted())
                .putLong(job.started())
                .putLong(job.answered())
                .putLong(job.finishedAt() == null ? -1 : job.finishedAt().toEpochMilli());
        part(bytes, submission);
        part(bytes, standing);
        part(bytes, answer);
        return bytes.array();
    }

    /** @throws IllegalArgumentException when this version cannot read them */
    static ViewedJob read(JobId id, byte[] value) {
        ByteBuffer bytes = ByteBuffer.wrap(value);
        boolean provisional = bytes.get() == PROVISIONAL;
        long journalled = bytes.getLong();
        long accepted = bytes.getLong();
        long started = bytes.getLong();
        long answered = bytes.getLong();
        long finishedAt = bytes.getLong();
        byte[] submission = part(bytes);
        byte[] standing = part(bytes);
        byte[] answer = part(bytes);
        Submission said = submission.length == 0 ? null : SubmissionJson.read(submission);
        JournalEntry entry = standing.length == 0 ? null : JournalJson.read(id, standing);
        return new ViewedJob(
                id,
                said,
                provisional,
                entry,
                journalled,
                accepted,
                started,
                answer.length == 0 ? null : object(answer),
                answered,
                finishedAt < 0 ? null : Instant.ofEpochMilli(finishedAt));
    }

    /** @throws IllegalArgumentException when the bytes are no JSON object */
    static ObjectNode object(byte @Nullable [] bytes) {
        try {
            if (bytes != null && MAPPER.readTree(bytes) instanceof ObjectNode object) {
                return object;
            }
        } catch (IOException foreign) {
            throw new IllegalArgumentException("not a JSON object", foreign);
        }
        throw new IllegalArgumentException("not a JSON object");
    }

    static byte[] json(ObjectNode node) {
        try {
            return MAPPER.writeValueAsBytes(node);
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException("a JSON tree can be written", impossible);
        }
    }

    private static void part(ByteBuffer bytes, byte[] part) {
        bytes.putInt(part.length).put(part);
    }

    private static byte[] part(ByteBuffer bytes) {
        byte[] part = new byte[bytes.getInt()];
        bytes.get(part);
        return part;
    }
}
