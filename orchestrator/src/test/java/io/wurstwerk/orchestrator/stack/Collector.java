package io.wurstwerk.orchestrator.stack;

import com.sun.net.httpserver.HttpServer;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;

/** Takes spans as an OpenTelemetry collector does, by OTLP over HTTP. */
public final class Collector implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final HttpServer server;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition more = lock.newCondition();
    private final List<Span> spans = new ArrayList<>();
    private final StringBuilder bytes = new StringBuilder();

    public Collector() throws IOException {
        server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        server.createContext("/v1/traces", exchange -> {
            byte[] body = exchange.getRequestBody().readAllBytes();
            take(body);
            exchange.getResponseHeaders().add("Content-Type", "application/x-protobuf");
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        server.start();
    }

    public String endpoint() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /** Every byte that has come, each as one character. */
    public String text() {
        lock.lock();
        try {
            return bytes.toString();
        } finally {
            lock.unlock();
        }
    }

    /** All spans so far. */
    public List<Span> spans() {
        lock.lock();
        try {
            return List.copyOf(spans);
        } finally {
            lock.unlock();
        }
    }

    /** The first span that is wanted, waited for. */
    public Span await(Predicate<Span> wanted) throws InterruptedException {
        lock.lock();
        try {
            long left = LIMIT.toNanos();
            while (true) {
                for (Span span : spans) {
                    if (wanted.test(span)) {
                        return span;
                    }
                }
                if (left <= 0) {
                    throw new AssertionError("no such span in " + LIMIT + "; seen: "
                            + spans.stream().map(Span::getName).toList());
                }
                left = more.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }

    private void take(byte[] body) throws IOException {
        var request = ExportTraceServiceRequest.parseFrom(body);
        lock.lock();
        try {
            bytes.append(new String(body, StandardCharsets.ISO_8859_1));
            request.getResourceSpansList()
                    .forEach(resource ->
                            resource.getScopeSpansList().forEach(scope -> spans.addAll(scope.getSpansList())));
            more.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
