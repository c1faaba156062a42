package io.wurstwerk.orchestrator.stack;

import java.nio.charset.StandardCharsets;

/** Finds and forges single requests and answers of S3's protocol. */
public final class S3Frames {

    private S3Frames() {}

    /** Whether an upload of an image begins. */
    public static boolean isPut(byte[] unit) {
        return starts(unit, "PUT /wurstwerk/v1/");
    }

    /** Whether a request of any kind begins. */
    public static boolean isRequest(byte[] unit) {
        return isPut(unit) || starts(unit, "HEAD /wurstwerk/v1/") || starts(unit, "GET /wurstwerk/v1/");
    }

    public static boolean isSuccess(byte[] unit) {
        return starts(unit, "HTTP/1.1 200");
    }

    /** An answer with an error. */
    public static byte[] error(int status, String code) {
        String body = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>" + code + "</Code><Message>" + code
                + "</Message></Error>";
        return ("HTTP/1.1 " + status + " " + code + "\r\nContent-Type: application/xml\r\nContent-Length: "
                        + body.length() + "\r\nConnection: close\r\n\r\n" + body)
                .getBytes(StandardCharsets.US_ASCII);
    }

    private static boolean starts(byte[] unit, String text) {
        return new String(unit, 0, Math.min(unit.length, text.length()), StandardCharsets.US_ASCII).equals(text);
    }
}
