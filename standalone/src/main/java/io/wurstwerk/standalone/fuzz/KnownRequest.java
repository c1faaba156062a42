package io.wurstwerk.standalone.fuzz;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.List;

/**
 * Bytes that the HTTP port once did wrong with, or the program behind it.
 *
 * @param name what is wrong with them
 * @param text a character a byte
 */
record KnownRequest(String name, Then then, String text) {

    /** What comes after them: an answer, at least an end, or a client that goes away at once. */
    enum Then {
        ANSWER,
        END,
        RESET
    }

    /** Found by answers that repeated the version or did not come, and by lines of a log that strangers could fill. */
    static final List<KnownRequest> ALL = List.of(
            new KnownRequest(
                    "garbled protocol",
                    Then.ANSWER,
                    "PATCH /v1//images H\u00f1\u0092TTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"),
            new KnownRequest("version that there is not", Then.ANSWER, "GET /v1/lanes HTTP/1.21\r\nHost: x\r\n\r\n"),
            new KnownRequest("no protocol that is served", Then.ANSWER, "GET /v1/lanes ICAP/1.0\r\n\r\n"),
            new KnownRequest(
                    "HTTP/2 without TLS", Then.ANSWER, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\u0011\u00c9d\u00bc\u00a1"),
            new KnownRequest(
                    "no Host",
                    Then.ANSWER,
                    "POST /..;/q/metrics HTTP/1.1\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"),
            new KnownRequest(
                    "no Host where there is none to look for",
                    Then.ANSWER,
                    "OPTIONS * HTTP/1.1\r\nConnection: close\r\n\r\n"),
            new KnownRequest(
                    "a Host that is none",
                    Then.ANSWER,
                    "GET /v1/images?limit=-1 HTTP/1.1\r\nHost: a:b:c\r\nConnection: close\r\n\r\n"),
            new KnownRequest("chunk extension", Then.ANSWER, chunked("3;a=b\r\n{\"a\r\n0\r\n\r\n")),
            new KnownRequest(
                    "broken chunk where no body is read",
                    Then.ANSWER,
                    chunked("3\r\n{\"a\r\n3;a=\u0000\r\n").replace("/v1/quote", "/v1/images/none/events")),
            new KnownRequest("chunk of no size", Then.ANSWER, chunked("zz\r\n")),
            new KnownRequest("chunk that is longer than it says", Then.ANSWER, chunked("2\r\n{}{}\r\n")),
            new KnownRequest(
                    "broken chunk behind a target that is no URI",
                    Then.END,
                    chunked("-1\r\n").replace("/v1/quote", "/v1/images/%zz")),
            new KnownRequest(
                    "second request cut off",
                    Then.RESET,
                    "GET /v1/checkpoints HTTP/1.1\r\nHost: x\r\n\r\nPOST /v1/quote HTTP/1.1\r\nHost: x\r\n"
                            + "Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"a"),
            new KnownRequest(
                    "body cut off",
                    Then.RESET,
                    "POST /v1/quote HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100"
                            + "\r\n\r\n{\"a"),
            new KnownRequest("first line cut off", Then.RESET, "GET /v1/la"),
            new KnownRequest("line feed alone", Then.END, "GET /v1/lanes HTTP/1.1\nHost: x\n\n"));

    private static String chunked(String body) {
        return "POST /v1/quote HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n"
                + "Transfer-Encoding: chunked\r\n\r\n" + body;
    }

    byte[] bytes() {
        return text.getBytes(ISO_8859_1);
    }
}
