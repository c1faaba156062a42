package io.wurstwerk.orchestrator.stack;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.common.errors.KafkaStorageException;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.MessageUtil;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.RequestHeader;
import org.apache.kafka.common.requests.ResponseHeader;

/** Finds and forges single requests and answers of Kafka's protocol. */
public final class KafkaFrames {
    private static final int API = 4;
    private static final int REQUEST_CORRELATION = 8;
    private static final int ANSWER_CORRELATION = 4;
    private static final Pattern OWNER = Pattern.compile("wurstwerk-engine-\\d+");
    private static final String COMPLETED = "io.wurstwerk.image.completed.v1";

    private KafkaFrames() {}

    /** The answer carries the number of its request. */
    public static boolean isAnswer(byte[] request, byte[] unit) {
        return ByteBuffer.wrap(request).getInt(REQUEST_CORRELATION)
                == ByteBuffer.wrap(unit).getInt(ANSWER_CORRELATION);
    }

    /** Whether records are written in a transaction of the engine. */
    public static boolean isOwnersWrite(byte[] request) {
        return is(ApiKeys.PRODUCE, request) && OWNER.matcher(text(request)).find();
    }

    /** Whether the answer of a completed job is written. */
    public static boolean isCompletion(byte[] request) {
        return is(ApiKeys.PRODUCE, request) && text(request).contains(COMPLETED);
    }

    /** What a broker says whose disk takes nothing any more. */
    public static byte[] storageError(byte[] request) {
        ByteBuffer bytes = ByteBuffer.wrap(request, API, request.length - API).slice();
        RequestHeader header = RequestHeader.parse(bytes);
        AbstractRequest parsed = AbstractRequest.parseRequest(
                        header.apiKey(), header.apiVersion(), new ByteBufferAccessor(bytes))
                .request;
        ResponseHeader answered = header.toResponseHeader();
        ByteBuffer head = MessageUtil.toByteBufferAccessor(answered.data(), answered.headerVersion())
                .buffer();
        ByteBuffer body = MessageUtil.toByteBufferAccessor(
                        parsed.getErrorResponse(0, new KafkaStorageException("No space left on device"))
                                .data(),
                        header.apiVersion())
                .buffer();
        int length = head.remaining() + body.remaining();
        return ByteBuffer.allocate(Integer.BYTES + length)
                .putInt(length)
                .put(head)
                .put(body)
                .array();
    }

    private static boolean is(ApiKeys api, byte[] request) {
        return ByteBuffer.wrap(request).getShort(API) == api.id;
    }

    private static String text(byte[] unit) {
        return new String(unit, StandardCharsets.ISO_8859_1);
    }

    /** Finds the commit of the first transaction that completes a job. */
    public static final class FinishingCommit implements Predicate<byte[]> {
        private final boolean stubborn;
        private String owner = "";
        private boolean over;

        /** @param stubborn also every further try to commit it, until the partition has a new owner */
        public FinishingCommit(boolean stubborn) {
            this.stubborn = stubborn;
        }

        /** Whether there will be no such commit any more. */
        public synchronized boolean over() {
            return over;
        }

        @Override
        public synchronized boolean test(byte[] request) {
            if (owner.isEmpty() && isCompletion(request)) {
                Matcher name = OWNER.matcher(text(request));
                owner = name.find() ? name.group() : "";
            }
            boolean owners = !over && !owner.isEmpty() && text(request).contains(owner);
            if (owners && is(ApiKeys.INIT_PRODUCER_ID, request)) {
                over = true;
            }
            boolean commit = owners && is(ApiKeys.END_TXN, request);
            over |= commit && !stubborn;
            return commit;
        }
    }
}
