package io.wurstwerk.worker.http;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;

/** A small HTTP server that answers GET requests with text. */
public final class HttpPort implements AutoCloseable {
    private static final int BACKLOG = 64;

    private final HttpServer server;
    private final ExecutorService executor;

    private HttpPort(HttpServer server, ExecutorService executor) {
        this.server = server;
        this.executor = executor;
    }

    /** What a path answers. */
    public record Reply(int status, String contentType, String body) {
        static Reply text(int status, String body) {
            return new Reply(status, "text/plain", body);
        }

        static Reply error(int status, String message) {
            return text(status, "{\"error\":\"" + message + "\"}");
        }
    }

    /** Decides the reply to a GET of a path. */
    public interface Pages {
        Reply get(String path);
    }

    /**
     * Listens at once.
     *
     * @param port 0 for any free one
     * @param executor runs the requests; owned and shut down by this port
     * @throws IOException when the port is taken
     */
    public static HttpPort open(String host, int port, ExecutorService executor, Pages pages) throws IOException {
        HttpServer server;
        try {
            server = HttpServer.create(new InetSocketAddress(host, port), BACKLOG);
        } catch (IOException e) {
            executor.shutdownNow();
            throw e;
        }
        server.setExecutor(executor);
        server.createContext("/", exchange -> answer(exchange, pages));
        server.start();
        return new HttpPort(server, executor);
    }

    private static void answer(HttpExchange exchange, Pages pages) throws IOException {
        try (exchange) {
            Reply reply = exchange.getRequestMethod().equals("GET")
                    ? pages.get(exchange.getRequestURI().getPath())
                    : Reply.error(405, "Method Not Allowed");
            byte[] body = reply.body().getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", reply.contentType());
            exchange.sendResponseHeaders(reply.status(), body.length == 0 ? -1 : body.length);
            if (body.length > 0) {
                try (OutputStream out = exchange.getResponseBody()) {
                    out.write(body);
                }
            }
        }
    }

    /** The port in use. */
    public int port() {
        return server.getAddress().getPort();
    }

    @Override
    public void close() {
        server.stop(0);
        executor.shutdownNow();
    }
}
