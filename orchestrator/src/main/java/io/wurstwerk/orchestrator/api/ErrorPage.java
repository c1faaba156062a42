package io.wurstwerk.orchestrator.api;

import io.wurstwerk.orchestrator.contract.ErrorCatalogue;

/** The catalogue of error codes as a page: each code is an anchor, so that a problem's type leads to its advice. */
final class ErrorPage {

    private static final String HEAD = """
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8"><title>Wurstwerk: error codes</title>
            <meta name="viewport" content="width=device-width, initial-scale=1"></head>
            <body><h1>Error codes</h1>
            """;

    private ErrorPage() {}

    static String of(ErrorCatalogue catalogue) {
        var page = new StringBuilder(HEAD);
        catalogue.entries().forEach((code, entry) -> {
            String status = entry.status() == 0 ? "" : " (" + entry.status() + ")";
            page.append("<h2 id=\"")
                    .append(text(code))
                    .append("\"><code>")
                    .append(text(code))
                    .append("</code></h2>\n");
            page.append("<p>").append(text(entry.title())).append(status).append(". ");
            page.append(text(entry.advice())).append("</p>\n");
        });
        return page.append("</body></html>\n").toString();
    }

    private static String text(String plain) {
        return plain.replace("&", "&amp;").replace("<", "&lt;").replace("\"", "&quot;");
    }
}
