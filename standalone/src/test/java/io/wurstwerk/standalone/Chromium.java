package io.wurstwerk.standalone;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.ConsoleMessage;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.options.ColorScheme;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;

/** The system's Chromium, and what its pages complained of. */
final class Chromium implements AutoCloseable {
    /** Of a machine that is busy with other things. */
    static final Duration PATIENCE = Duration.ofMinutes(3);

    /** The browser notes refusals as errors of the page; those that a test provokes are its subject, not its fault. */
    private static final String REFUSAL = "Failed to load resource: ";

    private static final Path SCREENSHOTS = Path.of("target", "screenshots");

    private final Playwright playwright;
    private final Browser browser;
    private final List<BrowserContext> contexts = new ArrayList<>();
    private final List<String> complaints = new CopyOnWriteArrayList<>();
    private final Set<String> allowed;

    private Chromium(Playwright playwright, Browser browser, Set<String> allowed) {
        this.playwright = playwright;
        this.browser = browser;
        this.allowed = allowed;
    }

    /** @param allowed origins that a page may ask for something */
    static Chromium start(Set<String> allowed) {
        Path executable = Path.of(System.getProperty("wurstwerk.chromium", "/usr/bin/chromium"));
        if (!Files.isExecutable(executable)) {
            throw new IllegalStateException(
                    "no Chromium at " + executable + ": install it or name it with -Dwurstwerk.chromium=PATH");
        }
        Playwright playwright = Playwright.create(
                new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
        Browser browser = playwright
                .chromium()
                .launch(new BrowserType.LaunchOptions()
                        .setExecutablePath(executable)
                        .setTimeout(PATIENCE.toMillis())
                        .setArgs(List.of(
                                "--no-sandbox",
                                "--disable-gpu",
                                "--disable-quic",
                                "--no-first-run",
                                "--disable-background-networking",
                                "--disable-component-update",
                                "--disable-sync")));
        return new Chromium(playwright, browser, allowed);
    }

    /** A page of a browser profile of its own, as wide as a desk has them. */
    Page desk(ColorScheme scheme) {
        return page(new Browser.NewContextOptions().setViewportSize(1360, 900).setColorScheme(scheme));
    }

    /** @param options may bypass the content policy, for tools that put scripts into the page */
    Page page(Browser.NewContextOptions options) {
        BrowserContext context = browser.newContext(options);
        contexts.add(context);
        context.setDefaultTimeout(PATIENCE.toMillis());
        context.onConsoleMessage(this::listen);
        context.onWebError(error -> complaints.add("an error of the page: " + error.error()));
        context.onRequest(request -> {
            String url = request.url();
            if (!url.startsWith("data:") && allowed.stream().noneMatch(origin -> url.startsWith(origin + "/"))) {
                complaints.add("a request to another host: " + url);
            }
        });
        return context.newPage();
    }

    /** Everything that no page should ever say or do: errors, breaches of the content policy, requests elsewhere. */
    List<String> complaints() {
        return List.copyOf(complaints);
    }

    /** Keeps a picture of the page for people, under this name. */
    void keep(Page page, String name) {
        page.screenshot(new Page.ScreenshotOptions().setPath(SCREENSHOTS.resolve(name + ".png")));
    }

    /** Ends the profiles, so that the next test starts with fresh ones. */
    void forget() {
        contexts.forEach(BrowserContext::close);
        contexts.clear();
        complaints.clear();
    }

    @Override
    public void close() {
        browser.close();
        playwright.close();
    }

    private void listen(ConsoleMessage message) {
        boolean bad = message.type().equals("error") || message.type().equals("warning");
        if (bad && !message.text().startsWith(REFUSAL)) {
            complaints.add(message.type() + " in the browser's console: " + message.text());
        }
    }
}
