package io.wurstwerk.orchestrator.api;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.impl.Http1xServerConnection;
import io.wurstwerk.orchestrator.contract.HttpError;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * One request at a time on a connection of HTTP/1, and an answer to each that was begun. Vert.x by itself takes in
 * further requests while one is answered, without a bound, and forgets to give up a connection that ends in the middle
 * of one of them: the place that it takes among the open connections would be lost for good. It repeats in its answer
 * whatever stood where a version should, and closes without an answer where a body's chunks are broken.
 */
final class Exchanges extends ChannelDuplexHandler {

    private static final String NAME = "exchanges";
    private static final byte[] BROKEN_BODY = ProblemJson.of(RefusedException.of(
                    HttpError.INVALID_REQUEST, "the chunks of the body are not those of HTTP/1.1: send Content-Length"))
            .toString()
            .getBytes(UTF_8);
    /** A socket that is closed on bytes that nobody has read may take its answer back. */
    private static final Duration LINGER = Duration.ofSeconds(1);

    private enum Turn {
        THE_CLIENTS,
        OURS,
        ANSWERING
    }

    private Turn turn;
    private boolean head;
    /** No further request is let in: the connection ends after the answer. */
    private boolean last;
    /** What the application still writes comes too late. */
    private boolean refused;

    /** @param head whether the answer to the request that has been let in already has no body */
    Exchanges(boolean head) {
        this.turn = Turn.OURS;
        this.head = head;
    }

    /** From the first request on that gets as far as this, its connection is watched. */
    static void watch(HttpServerRequest request) {
        if (request.connection() instanceof Http1xServerConnection connection) {
            ChannelHandlerContext server = connection.channelHandlerContext();
            ChannelPipeline pipeline = server.pipeline();
            if (pipeline.get(NAME) == null) {
                boolean head = request.method().equals(io.vertx.core.http.HttpMethod.HEAD);
                pipeline.addBefore(server.name(), NAME, new Exchanges(head));
            }
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (message instanceof HttpRequest request && !last) {
            // A client that does not wait for its answer has to ask again: HTTP/1.1 lets a server close there.
            last = turn != Turn.THE_CLIENTS;
            if (!last) {
                turn = Turn.OURS;
                head = HttpMethod.HEAD.equals(request.method());
            }
        } else if (!last
                && message instanceof HttpContent content
                && content.decoderResult().isFailure()) {
            breakOff(context);
        }
        if (last) {
            ReferenceCountUtil.release(message);
        } else {
            context.fireChannelRead(message);
        }
    }

    /** The body is broken. Whoever has been answered already, without its being read, still gets that answer. */
    private void breakOff(ChannelHandlerContext context) {
        last = true;
        switch (turn) {
            case OURS -> refuse(context);
            case ANSWERING -> {}
            case THE_CLIENTS -> close(context);
        }
    }

    private void refuse(ChannelHandlerContext context) {
        refused = true;
        ByteBuf body = head ? Unpooled.EMPTY_BUFFER : Unpooled.wrappedBuffer(BROKEN_BODY);
        var answer = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.BAD_REQUEST, body);
        answer.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, ProblemJson.MEDIA_TYPE)
                .set(HttpHeaderNames.CONTENT_LENGTH, BROKEN_BODY.length)
                .set("X-Content-Type-Options", "nosniff")
                .set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        context.writeAndFlush(answer).addListener(_ -> close(context));
    }

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) throws Exception {
        if (refused) {
            ReferenceCountUtil.release(message);
            promise.tryFailure(new ClosedChannelException());
            return;
        }
        if (message instanceof HttpResponse answer) {
            if (answer.status().codeClass() == HttpStatusClass.INFORMATIONAL) {
                super.write(context, message, promise);
                return;
            }
            begin(answer);
        }
        if (message instanceof LastHttpContent) {
            turn = Turn.THE_CLIENTS;
            if (last) {
                context.write(message, promise.unvoid()).addListener(_ -> close(context));
                return;
            }
        }
        super.write(context, message, promise);
    }

    private void begin(HttpResponse answer) {
        turn = Turn.ANSWERING;
        if (!answer.protocolVersion().equals(HttpVersion.HTTP_1_0)) {
            answer.setProtocolVersion(HttpVersion.HTTP_1_1);
        }
        if (last) {
            answer.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        }
    }

    private static void close(ChannelHandlerContext context) {
        Runnable closing = () -> {
            var _ = context.close();
        };
        var _ = context.executor().schedule(closing, LINGER.toMillis(), TimeUnit.MILLISECONDS);
    }
}
