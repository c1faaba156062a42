package io.wurstwerk.standalone.fuzz;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** The HTTP API, spoken to byte by byte. */
final class HttpDoor implements Door {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Duration LONGEST_DRAWING = Duration.ofMinutes(5);
    private static final List<String> PATHS = List.of(
            "/v1/images",
            "/v1/images",
            "/v1/quote",
            "/v1/quote",
            "/v1/images/generations",
            "/v1/checkpoints",
            "/v1/lanes",
            "/v1/images/none",
            "/v1/images/none/0",
            "/v1/images/none/events",
            "/v1/images/none/promote",
            "/v1/images?limit=100&after=%00",
            "/v1/images?limit=-1",
            "/v1/images?limit=99999999999999999999&cursor=%ff%fe",
            "/v1/images/%2e%2e%2f%2e%2e%2fetc",
            "/v1/images/%zz",
            "/v1//images",
            "/",
            "/console/none.js",
            "/openapi.yaml",
            "/contract/errors",
            "/q/health",
            "/..;/q/metrics",
            "*",
            "http://[::1/",
            "//");
    private static final List<String> METHODS = List.of(
            "GET", "POST", "POST", "POST", "DELETE", "HEAD", "PUT", "OPTIONS", "PATCH", "TRACE", "get", "G E T");
    private static final List<String> TYPES = List.of(
            "application/json",
            "application/json",
            "application/json",
            "application/json; charset=utf-16",
            "text/plain",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
            "application/xml",
            "*/*",
            "",
            "a/b/c",
            "application/json;;;");

    private final InetSocketAddress address;

    HttpDoor(URI url) {
        address = new InetSocketAddress(url.getHost(), url.getPort());
    }

    @Override
    public List<Known> known() {
        return KnownRequest.ALL.stream()
                .map(request -> new Known(request.name(), () -> again(request)))
                .toList();
    }

    private void again(KnownRequest request) throws Finding, IOException {
        byte[] bytes = request.bytes();
        try (Socket socket = connect()) {
            push(socket, bytes);
            switch (request.then()) {
                case ANSWER -> answered(socket, List.of(new Request(bytes, false, true)));
                case END -> ended(socket, bytes, false);
                case RESET -> socket.setSoLinger(true, 0);
            }
        }
    }

    @Override
    public void send(long number, SplittableRandom random) throws Finding, Exception {
        switch (random.nextInt(11)) {
            case 0 -> junk(random);
            case 1 -> pipelined(random);
            case 2 -> partial(random);
            case 3 -> slow(random);
            case 4 -> upgraded(random);
            case 5 -> brokenChunks(random);
            default -> whole(random);
        }
    }

    /** One request that is framed as it should be, whatever is in it: it must be answered. */
    private void whole(SplittableRandom random) throws Finding, IOException {
        Request request = request(random, true);
        try (Socket socket = connect()) {
            push(socket, request.bytes());
            answered(socket, List.of(request));
        }
    }

    /** Several at once: they are answered in their order, up to the first that ends the connection. */
    private void pipelined(SplittableRandom random) throws Finding, IOException {
        List<Request> requests = IntStream.range(0, 2 + random.nextInt(4))
                .mapToObj(_ -> request(random, false))
                .toList();
        var all = new ByteArrayOutputStream();
        for (Request request : requests) {
            all.write(request.bytes());
        }
        try (Socket socket = connect()) {
            push(socket, all.toByteArray());
            answered(socket, requests);
        }
    }

    /** The beginning of one: the connection ends with an answer or without. */
    private void partial(SplittableRandom random) throws Finding, IOException {
        Request request = request(random, true);
        byte[] half = Arrays.copyOf(request.bytes(), random.nextInt(request.bytes().length));
        try (Socket socket = connect()) {
            push(socket, half);
            if (random.nextBoolean()) {
                ended(socket, half, request.head());
            } else if (random.nextBoolean()) {
                socket.setSoLinger(true, 0);
            }
        }
    }

    private void slow(SplittableRandom random) throws Finding, IOException, InterruptedException {
        Request request = request(random, true);
        byte[] bytes = request.bytes();
        try (Socket socket = connect()) {
            for (int at = 0, count; at < bytes.length; at += count) {
                count = Math.min(bytes.length - at, Math.max(1, bytes.length / (1 + random.nextInt(8))));
                push(socket, Arrays.copyOfRange(bytes, at, at + count));
                Thread.sleep(random.nextInt(10));
            }
            answered(socket, List.of(request));
        }
    }

    private void upgraded(SplittableRandom random) throws Finding, IOException {
        byte[] frames = Junk.bytes(random, random.nextInt(200));
        boolean known = random.nextBoolean();
        String start = known
                ? "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
                : "GET /v1/lanes HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: "
                        + Junk.pick(random, "h2c", "websocket", "TLS/1.3", "\u00fc") + "\r\nHTTP2-Settings: "
                        + Junk.pick(random, "AAMAAABkAAQAAP__", "%", "") + "\r\n\r\n";
        byte[] all = joined(start.getBytes(ISO_8859_1), frames);
        try (Socket socket = connect()) {
            push(socket, all);
            drained(socket, all);
        }
    }

    /**
     * Where its body ends, nobody can say. There is somebody to answer if the head is right; what names no URI is refused
     * before our routes, and whether that gets out before the connection ends is the framework's affair.
     */
    private void brokenChunks(SplittableRandom random) throws Finding, IOException {
        String target = Junk.pick(random, PATHS);
        String head = "POST " + target + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                + "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
        String good = random.nextBoolean() ? "3\r\n{\"a\r\n" : "";
        String bad = Junk.pick(
                random,
                "zz\r\n",
                "\r\n",
                "-1\r\n",
                "ffffffffff\r\n",
                "3;a=\u0000\r\n",
                "2\r\n{}{}\r\n",
                "3 3\r\n{},\r\n");
        byte[] bytes = (head + good + bad).getBytes(ISO_8859_1);
        try (Socket socket = connect()) {
            push(socket, bytes);
            if (isUri(target)) {
                answered(socket, List.of(new Request(bytes, false, true)));
            } else {
                ended(socket, bytes, false);
            }
        }
    }

    private static boolean isUri(String target) {
        try {
            new URI(target);
            return true;
        } catch (URISyntaxException no) {
            return false;
        }
    }

    private void junk(SplittableRandom random) throws Finding, IOException {
        byte[] bytes = random.nextBoolean()
                ? Junk.bytes(random, 1 + random.nextInt(400))
                : Junk.mutated(request(random, true).bytes(), random);
        try (Socket socket = connect()) {
            push(socket, bytes);
            ended(socket, bytes, true);
        }
    }

    // ---- what is sent

    /**
     * A request.
     *
     * @param head whether its answer has no body
     * @param last whether the connection may end with its answer
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Request(byte[] bytes, boolean head, boolean last) {}

    private static Request request(SplittableRandom random, boolean last) {
        String method = Junk.pick(random, METHODS);
        boolean lists = method.equals("GET") || method.equals("HEAD") || method.equals("OPTIONS");
        byte[] body = lists && random.nextInt(4) != 0 ? new byte[0] : Junk.body(random);
        var head = new StringBuilder(method)
                .append(' ')
                .append(Junk.pick(random, PATHS))
                .append(" HTTP/1.")
                .append(random.nextInt(12) == 0 ? 0 : 1)
                .append("\r\nHost: ")
                .append(Junk.pick(random, "localhost", "localhost", "x", "", "a:b:c"))
                .append("\r\n");
        if (last) {
            head.append("Connection: close\r\n");
        }
        if (random.nextInt(12) != 0) {
            head.append("Content-Type: ").append(Junk.pick(random, TYPES)).append("\r\n");
        }
        extras(head, random);
        boolean chunked = body.length > 0 && random.nextInt(4) == 0;
        if (chunked) {
            head.append("Transfer-Encoding: chunked\r\n\r\n");
            return new Request(joined(head.toString().getBytes(ISO_8859_1), chunks(body, random)), none(method), last);
        }
        head.append("Content-Length: ").append(body.length).append("\r\n\r\n");
        return new Request(joined(head.toString().getBytes(ISO_8859_1), body), none(method), last);
    }

    private static boolean none(String method) {
        return method.equals("HEAD");
    }

    private static void extras(StringBuilder head, SplittableRandom random) {
        switch (random.nextInt(16)) {
            case 0 ->
                head.append("X-Long: ")
                        .append("a".repeat(random.nextInt(40_000)))
                        .append("\r\n");
            case 1 -> head.append("X-Many: 1\r\n".repeat(random.nextInt(300)));
            case 2 ->
                head.append("Idempotency-Key: ")
                        .append(Junk.pick(random, "", "a", "a b", "\u00fc", "k".repeat(300)))
                        .append("\r\n");
            case 3 ->
                head.append("Prefer: ")
                        .append(Junk.pick(
                                random,
                                "wait=0",
                                "wait=1",
                                "wait=-1",
                                "wait=99999999999",
                                "wait",
                                "respond-async, x=\""))
                        .append("\r\n");
            case 4 ->
                head.append("Accept: ")
                        .append(Junk.pick(random, "*/*;q=x", "a", "", "text/event-stream", ","))
                        .append("\r\n");
            case 5 ->
                head.append("Authorization: ")
                        .append(Junk.pick(random, "Bearer", "Basic Og==", "Bearer a.b.c", ""))
                        .append("\r\n");
            case 6 ->
                head.append("Last-Event-ID: ")
                        .append(Junk.pick(random, "-1", "end", "9".repeat(40), "\u00e4"))
                        .append("\r\n");
            case 7 ->
                head.append("Expect: ")
                        .append(Junk.pick(random, "100-continue", "more"))
                        .append("\r\n");
            case 8 ->
                head.append("Content-Encoding: ")
                        .append(Junk.pick(random, "gzip", "br", "x"))
                        .append("\r\n");
            case 9 ->
                head.append("Range: bytes=")
                        .append(Junk.pick(random, "0-", "-1", "5-1", "x"))
                        .append("\r\n");
            default -> {}
        }
    }

    private static byte[] chunks(byte[] body, SplittableRandom random) {
        var all = new ByteArrayOutputStream();
        for (int at = 0, count; at < body.length; at += count) {
            count = 1 + random.nextInt(body.length - at);
            String extension = Junk.pick(random, "", "", "", ";a", ";a=b", ";a=\"b c\"", ";a=b;c=d");
            all.writeBytes((Integer.toHexString(count) + extension + "\r\n").getBytes(ISO_8859_1));
            all.write(body, at, count);
            all.writeBytes("\r\n".getBytes(ISO_8859_1));
        }
        all.writeBytes(("0\r\n" + Junk.pick(random, "", "", "X-Late: 1\r\n") + "\r\n").getBytes(UTF_8));
        return all.toByteArray();
    }

    private static byte[] joined(byte[] first, byte[] second) {
        var all = new ByteArrayOutputStream();
        all.writeBytes(first);
        all.writeBytes(second);
        return all.toByteArray();
    }

    // ---- what comes back

    private Socket connect() throws IOException {
        Socket socket = new Socket();
        socket.connect(address, Math.toIntExact(PATIENCE.toMillis()));
        socket.setSoTimeout(Math.toIntExact(PATIENCE.toMillis()));
        return socket;
    }

    /** A server that has refused the head may reset the connection while the body is still being sent. */
    private static void push(Socket socket, byte[] bytes) throws IOException {
        try {
            OutputStream out = socket.getOutputStream();
            out.write(bytes);
            out.flush();
        } catch (SocketException refused) {
            // Its answer is read all the same.
        }
    }

    private static void answered(Socket socket, List<Request> requests) throws Finding, IOException {
        int got = 0;
        try {
            InputStream in = socket.getInputStream();
            for (Request request : requests) {
                Optional<HttpAnswer> answer = next(in, request.head());
                if (answer.isEmpty()) {
                    break;
                }
                got++;
                answer.get().check();
                if (over(answer.get())) {
                    return;
                }
            }
        } catch (SocketTimeoutException silent) {
            throw new Finding("no answer in " + PATIENCE.toSeconds() + " s to: "
                    + Junk.shown(requests.get(got).bytes()));
        } catch (SocketException reset) {
            // After an answer that refuses the head of a long request.
            if (requests.get(Math.min(got, requests.size() - 1)).bytes().length < 8_192 && got == 0) {
                throw new Finding("reset instead of an answer to: "
                        + Junk.shown(requests.get(got).bytes()));
            }
            return;
        } catch (Finding finding) {
            throw new Finding(finding.getMessage() + "\n to: "
                    + Junk.shown(requests.get(Math.max(0, got - 1)).bytes()));
        }
        // A request of HTTP/1.0, or one that is not understood, ends the connection with its answer.
        if (got == 0) {
            throw new Finding("closed without an answer to: "
                    + Junk.shown(requests.get(got).bytes()));
        }
    }

    /** The next answer that is not only an interim one. */
    private static Optional<HttpAnswer> next(InputStream in, boolean head) throws Finding, IOException {
        Optional<HttpAnswer> answer = HttpAnswer.read(in, head);
        while (answer.isPresent() && answer.get().status() == 100) {
            answer = HttpAnswer.read(in, head);
        }
        return answer;
    }

    private static boolean over(HttpAnswer answer) {
        return answer.headers().getOrDefault("connection", "").equalsIgnoreCase("close")
                || answer.headers().getOrDefault("content-type", "").startsWith("text/event-stream");
    }

    /** After the client's last word the server answers or does not, and closes in time. */
    private static void ended(Socket socket, byte[] sent, boolean head) throws Finding, IOException {
        try {
            socket.shutdownOutput();
            Optional<HttpAnswer> answer = HttpAnswer.readAnyVersion(socket.getInputStream(), head);
            if (answer.isPresent()) {
                answer.get().check();
            }
        } catch (SocketTimeoutException silent) {
            throw new Finding("neither an answer nor an end in " + PATIENCE.toSeconds() + " s to: " + Junk.shown(sent));
        } catch (SocketException | EOFException reset) {
            // Also an end.
        } catch (Finding finding) {
            throw new Finding(finding.getMessage() + "\n to: " + Junk.shown(sent));
        }
    }

    private static void drained(Socket socket, byte[] sent) throws Finding, IOException {
        try {
            socket.shutdownOutput();
            byte[] answer = socket.getInputStream().readNBytes(1 << 20);
            if (new String(answer, ISO_8859_1).startsWith("HTTP/1.1 5")) {
                throw new Finding(Junk.shown(answer) + "\n to: " + Junk.shown(sent));
            }
        } catch (SocketTimeoutException silent) {
            throw new Finding("neither an answer nor an end in " + PATIENCE.toSeconds() + " s to: " + Junk.shown(sent));
        } catch (SocketException reset) {
            // Also an end.
        }
    }

    /** Jobs that were asked for well are drawn before anybody else's door is looked at. */
    @Override
    public void settle() throws Finding, Exception {
        long limit = System.nanoTime() + LONGEST_DRAWING.toNanos();
        for (int open = openJobs(); open > 0; open = openJobs()) {
            if (System.nanoTime() > limit) {
                throw new Finding(open + " jobs are open after " + LONGEST_DRAWING.toSeconds() + " s");
            }
            Thread.sleep(200);
        }
    }

    private int openJobs() throws Finding, IOException {
        byte[] bytes = "GET /v1/lanes HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".getBytes(ISO_8859_1);
        try (Socket socket = connect()) {
            push(socket, bytes);
            HttpAnswer answer = HttpAnswer.read(socket.getInputStream(), false)
                    .orElseThrow(() -> new Finding("closed without an answer to: " + Junk.shown(bytes)));
            if (answer.status() != 200) {
                throw new Finding("status " + answer.status() + " to: " + Junk.shown(bytes));
            }
            return answer.json().path("open_jobs").asInt();
        }
    }

    @Override
    public void close() {
        // Every connection has been closed.
    }
}
