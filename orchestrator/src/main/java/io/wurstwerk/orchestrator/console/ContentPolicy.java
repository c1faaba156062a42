package io.wurstwerk.orchestrator.console;

import java.net.URI;

/** What the page may load and do: its own files, the API beside it, and pictures from the store. Nothing else. */
final class ContentPolicy {

    private ContentPolicy() {}

    /**
     * The value of {@code Content-Security-Policy}.
     *
     * @param store where the URLs of images lead
     */
    static String of(URI store) {
        return String.join(
                "; ",
                "default-src 'none'",
                "script-src 'self'",
                "style-src 'self'",
                "connect-src 'self'",
                // Previews come within events, and are shown from there.
                "img-src 'self' data: " + store.getScheme() + "://" + store.getRawAuthority(),
                "base-uri 'none'",
                "form-action 'none'",
                "frame-ancestors 'none'",
                // Words never become markup: the browser itself refuses.
                "require-trusted-types-for 'script'",
                "trusted-types 'none'");
    }
}
