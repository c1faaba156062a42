package io.wurstwerk.standalone;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.deque.html.axecore.playwright.AxeBuilder;
import com.deque.html.axecore.results.Rule;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Response;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.ColorScheme;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The page for people, in a real browser over a real stack. Run by {@code ./wurstwerk test --all}. */
final class ConsoleIT {
    /** So many steps that whoever looks has the time. */
    private static final String MANY_STEPS = "200";

    @TempDir
    static Path folder;

    private static RunningStack stack;
    private static Chromium chromium;

    @BeforeAll
    static void start() throws Exception {
        stack = RunningStack.start(folder);
        chromium = Chromium.start(Set.of(stack.http(), stack.store()));
        PlaywrightAssertions.setDefaultAssertionTimeout(Chromium.PATIENCE.toMillis());
    }

    @AfterAll
    static void stop() throws Exception {
        if (chromium != null) {
            chromium.close();
        }
        if (stack != null) {
            stack.close();
        }
    }

    @AfterEach
    void nothingWasComplainedOf() throws Exception {
        List<String> complaints = chromium.complaints();
        chromium.forget();
        for (JsonNode job : ask("GET", "/v1/images?limit=100", null).path("jobs")) {
            // Without effect on those that are over.
            ask("DELETE", "/v1/images/" + job.path("job_id").asText(), null);
        }
        assertThat(complaints).isEmpty();
    }

    @Test
    void aPictureIsAskedForAndFoundAgainAfterAReload() {
        Page page = open();
        page.fill("#prompt", "a green star on a gray background");
        page.fill("#seed", "7");
        page.click("#submit");
        assertThat(tile(page, "a green star on a gray background, seed 7")).isVisible();

        page.reload();

        Locator tile = tile(page, "a green star on a gray background, seed 7");
        assertThat(tile).isVisible();
        page.waitForCondition(() -> Integer.valueOf(256).equals(tile.evaluate("image => image.naturalWidth")));
        tile.click();
        assertThat(page.locator("#picture dt:text-is('Size') + dd")).hasText("256 × 256");
        assertThat(page.locator("#picture dt:text-is('Seed') + dd")).hasText("7");
        chromium.keep(page, "picture");
    }

    @Test
    void aPictureIsDrawnAgainWithAnotherSeedAndItsSettingsAreTakenUp() {
        Page page = open();
        page.fill("#prompt", "a lilac ring");
        page.fill("#seed", "11");
        page.fill("#prior_num_inference_steps", "4");
        page.click("#submit");
        tile(page, "a lilac ring, seed 11").click();

        page.click("#picture >> text=Again with another seed");

        assertThat(page.locator("#gallery img[alt^='a lilac ring, seed ']")).hasCount(2);
        page.fill("#prompt", "");
        tile(page, "a lilac ring, seed 11").click();
        page.click("#picture >> text=Same settings");
        assertThat(page.locator("#prompt")).hasValue("a lilac ring");
        assertThat(page.locator("#seed")).hasValue("11");
        assertThat(page.locator("#prior_num_inference_steps")).hasValue("4");
        assertThat(page.locator("#prompt")).isFocused();
    }

    @Test
    void olderPicturesAreAskedForPageByPage() throws Exception {
        String request = """
                {"prompt": "number %d", "seed": %<d, "prior_num_inference_steps": 1, "num_inference_steps": 1}""";
        // A page has 24 jobs.
        for (int number = 0; number < 25; number++) {
            String job = ask("POST", "/v1/images", request.formatted(number))
                    .path("job_id")
                    .asText();
            awaitCompletion(job);
        }
        Page page = open();
        assertThat(tile(page, "number 24, seed 24")).isVisible();
        assertThat(tile(page, "number 1, seed 1")).isVisible();
        assertThat(tile(page, "number 0, seed 0")).hasCount(0);

        page.click("#older");

        assertThat(tile(page, "number 0, seed 0")).isVisible();
        assertThat(page.locator("button.tile:has(img[alt='number 0, seed 0'])")).isFocused();
    }

    @Test
    void aPreviewAndProgressAreShownWhileAPictureIsDrawn() {
        Page page = open();
        submitLong(page, "a preview, please");

        Locator card = card(page, "a preview, please");
        assertThat(card.locator("img.early").first()).hasAttribute("src", Pattern.compile("data:image/png;base64,.+"));
        assertThat(card.locator(".bar")
                        .filter(new Locator.FilterOptions().setHasText(Pattern.compile("Stage C, step [1-9]")))
                        .first())
                .isVisible();
        assertThat(card.locator(".state")).hasText("Being drawn");
        chromium.keep(page, "preview");
    }

    @Test
    void aJobIsCancelled() {
        Page page = open();
        submitLong(page, "to be cancelled");
        Locator card = card(page, "to be cancelled");

        cancel(card);

        assertThat(card.locator(".state")).hasText("Cancelled");
        card.locator("text=Put away").click();
        assertThat(card).hasCount(0);
        page.click("#others-title");
        assertThat(page.locator("#others-list")).containsText("to be cancelled");
    }

    @Test
    void whatIsWrongIsSaidAtItsField() {
        Page page = open();
        page.fill("#width", "250");
        page.fill("#prior_guidance_scale", "31");
        page.click("#submit");

        assertThat(page.locator("#prompt-error")).isVisible();
        assertThat(page.locator("#width-error")).isVisible();
        assertThat(page.locator("#prior_guidance_scale-error")).isVisible();
        assertThat(page.locator("#height-error")).isHidden();
        assertThat(page.locator("#width")).hasAttribute("aria-invalid", "true");
        assertThat(page.locator("#request-error")).hasText("3 things here need another look.");
        assertThat(page.locator("#prompt")).isFocused();
        chromium.keep(page, "wrong");
        page.fill("#width", "256");
        assertThat(page.locator("#width-error")).isHidden();
    }

    @Test
    void aJobThatWasNotDrawnInTimeSaysWhatCanBeDone() throws Exception {
        Page page = open();
        String request = """
                {"prompt": "too much for a moment", "num_images_per_prompt": 8, "prior_num_inference_steps": 200,
                 "num_inference_steps": 200, "deadline": "%s"}""".formatted(Instant.now().plusSeconds(15));
        JsonNode job = ask("POST", "/v1/images", request);

        Locator card = page.locator("[data-job='" + job.path("job_id").asText() + "']");
        assertThat(card.locator(".state")).hasText("Not drawn in time");
        String advice = ask("GET", "/contract/errors", null)
                .path("deadline_exceeded")
                .path("advice")
                .asText();
        assertThat(card.locator(".advice")).containsText(advice);
    }

    @Test
    void twoBrowsersSeeEachOthersJobs() {
        Page one = open();
        Page other = open();
        submitLong(one, "seen by both");

        Locator there = card(other, "seen by both");
        assertThat(there).isVisible();
        cancel(there);

        assertThat(card(one, "seen by both").locator(".state")).hasText("Cancelled");
    }

    @Test
    void theKeyboardIsEnough() {
        Page page = open();
        tabTo(page, "prompt");
        page.keyboard().type("a black cross");
        tabTo(page, "seed");
        page.keyboard().type("3");
        tabTo(page, "submit");
        page.keyboard().press("Enter");

        Locator tile = page.locator(
                "button.tile",
                new Page.LocatorOptions()
                        .setHas(page.getByAltText(
                                "a black cross, seed 3", new Page.GetByAltTextOptions().setExact(true))));
        assertThat(tile).isVisible();
        tile.focus();
        page.keyboard().press("Enter");
        assertThat(page.locator("#picture .close")).isFocused();
        page.keyboard().press("Escape");
        assertThat(page.locator("#picture")).isHidden();
        assertThat(tile).isFocused();
    }

    @Test
    void aPhoneNeedsNoScrollingSideways() {
        Page page = chromium.page(new Browser.NewContextOptions()
                .setViewportSize(360, 740)
                .setIsMobile(true)
                .setHasTouch(true)
                .setDeviceScaleFactor(2)
                .setColorScheme(ColorScheme.LIGHT));
        open(page);
        submitLong(page, "a picture on a phone with a very long prompt and averyveryveryverylongwordwithoutanyspaces");
        Locator card = page.locator(".card").first();
        assertThat(card.locator(".state")).hasText("Being drawn");
        page.locator("#more summary").click();

        assertThat(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))
                .isEqualTo(0);
        chromium.keep(page, "phone");
    }

    @Test
    void aServerThatIsAwayIsSaidSoAndNothingIsLost() {
        Page page = open();
        page.fill("#prompt", "kept meanwhile");
        page.fill("#prior_num_inference_steps", "2");
        page.fill("#seed", "5");
        page.context().setOffline(true);

        page.click("#submit");

        assertThat(page.locator("#request-error")).containsText("Wurstwerk does not answer.");
        assertThat(page.locator("#away")).isVisible();
        page.context().setOffline(false);
        page.click("#submit");
        assertThat(tile(page, "kept meanwhile, seed 5")).isVisible();
        assertThat(page.locator("#away")).isHidden();
    }

    /** The refusals are the test's, in the words of the API: the stack under test has no keys. */
    @Test
    void aKeyIsAskedForWhereTheServerWantsOne() {
        Page page = chromium.desk(ColorScheme.LIGHT);
        page.route(url -> URI.create(url).getPath().startsWith("/v1/"), route -> {
            if ("Bearer sesame".equals(route.request().headerValue("authorization"))) {
                route.resume();
            } else {
                route.fulfill(new Route.FulfillOptions()
                        .setStatus(401)
                        .setContentType("application/problem+json")
                        .setBody("{\"type\": \"/contract/errors#unauthorized\", \"title\": \"No key\","
                                + " \"status\": 401, \"code\": \"unauthorized\"}"));
            }
        });
        page.navigate(stack.http());

        assertThat(page.locator("#key-value")).isFocused();
        page.keyboard().type("abracadabra");
        page.keyboard().press("Enter");
        assertThat(page.locator("#key-error")).hasText("This key is not known here.");
        page.keyboard().type("sesame");
        page.keyboard().press("Enter");

        assertThat(page.locator("#submit")).isVisible();
        assertThat(page.locator("#prior option")).not().hasCount(0);
        assertThat(page.evaluate("localStorage.length + document.cookie.length"))
                .isEqualTo(0);
    }

    @ParameterizedTest
    @EnumSource(names = {"LIGHT", "DARK"})
    void nothingSeriousStandsInTheWayOfAnybody(ColorScheme scheme) {
        // The tool puts its script into the page, which the policy would rightly refuse.
        Page page = chromium.page(new Browser.NewContextOptions()
                .setViewportSize(1360, 900)
                .setColorScheme(scheme)
                .setBypassCSP(true));
        open(page);
        String prompt = "looked at in the " + scheme.name().toLowerCase(java.util.Locale.ROOT);
        page.fill("#seed", "2");
        page.fill("#prior_num_inference_steps", "2");
        page.fill("#prompt", prompt);
        page.click("#submit");
        assertThat(tile(page, prompt + ", seed 2")).isVisible();
        submitMany(page, prompt + " for long");
        assertThat(card(page, prompt + " for long").locator(".bar").first()).isVisible();
        page.locator("#more summary").click();
        page.fill("#width", "250");
        page.click("#submit");
        assertThat(page.locator("#width-error")).isVisible();

        assertThat(serious(page)).isEmpty();
        chromium.keep(page, "desk-" + scheme.name().toLowerCase(java.util.Locale.ROOT));
        tile(page, prompt + ", seed 2").click();
        assertThat(serious(page)).isEmpty();
    }

    @Test
    void thePageIsAnsweredWithAStrictPolicy() {
        Response page = chromium.desk(ColorScheme.LIGHT).navigate(stack.http());

        assertThat(page.headerValue("content-security-policy"))
                .contains("default-src 'none'", "script-src 'self';", "img-src 'self' data: " + stack.store() + ";")
                .doesNotContain("unsafe");
        assertThat(page.headerValue("x-content-type-options")).isEqualTo("nosniff");
        assertThat(page.headerValue("referrer-policy")).isEqualTo("no-referrer");
        assertThat(page.headerValue("cache-control")).isEqualTo("no-cache");
    }

    private static void awaitCompletion(String job) throws Exception {
        Instant limit = Instant.now().plus(Chromium.PATIENCE);
        while (!ask("GET", "/v1/images/" + job, null).path("state").asText().equals("completed")) {
            assertThat(Instant.now()).isBefore(limit);
        }
    }

    private static Page open() {
        Page page = chromium.desk(ColorScheme.LIGHT);
        open(page);
        return page;
    }

    /** Opens the page and waits until it knows what can be drawn. */
    private static void open(Page page) {
        page.navigate(stack.http());
        assertThat(page.locator("#prior option")).not().hasCount(0);
    }

    /** Is still being drawn when somebody looks or cancels, on a fast machine, too. */
    private static void submitLong(Page page, String prompt) {
        fillFolded(page, "#width", "512");
        fillFolded(page, "#height", "512");
        submitMany(page, prompt);
    }

    private static void submitMany(Page page, String prompt) {
        page.fill("#prompt", prompt);
        page.fill("#prior_num_inference_steps", MANY_STEPS);
        page.fill("#num_images_per_prompt", "8");
        fillFolded(page, "#num_inference_steps", MANY_STEPS);
        page.click("#submit");
    }

    /** A field among the settings that are folded away. */
    private static void fillFolded(Page page, String field, String value) {
        page.locator(field).evaluate("(field, value) => field.value = value", value);
    }

    private static void cancel(Locator card) {
        card.locator("button", new Locator.LocatorOptions().setHasText("Cancel"))
                .click();
    }

    private static Locator card(Page page, String prompt) {
        return page.locator(".card:has(h3:text-is('" + prompt + "'))");
    }

    private static Locator tile(Page page, String name) {
        return page.getByAltText(name, new Page.GetByAltTextOptions().setExact(true));
    }

    private static void tabTo(Page page, String id) {
        for (int presses = 0; presses < 40; presses++) {
            if (id.equals(page.evaluate("document.activeElement.id"))) {
                return;
            }
            page.keyboard().press("Tab");
        }
        throw new AssertionError("the Tab key does not lead to " + id);
    }

    private static List<String> serious(Page page) {
        return new AxeBuilder(page)
                .analyze().getViolations().stream()
                        .filter(rule -> Set.of("serious", "critical").contains(rule.getImpact()))
                        .map(ConsoleIT::words)
                        .toList();
    }

    private static String words(Rule rule) {
        return rule.getId() + " (" + rule.getImpact() + "): "
                + rule.getNodes().stream().map(node -> node.getHtml()).toList();
    }

    private static JsonNode ask(String method, String path, String body) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpRequest request = HttpRequest.newBuilder(URI.create(stack.http() + path))
                    .timeout(Chromium.PATIENCE)
                    .header("Content-Type", "application/json")
                    .method(
                            method,
                            body == null
                                    ? HttpRequest.BodyPublishers.noBody()
                                    : HttpRequest.BodyPublishers.ofString(body))
                    .build();
            return new ObjectMapper()
                    .readTree(client.send(request, HttpResponse.BodyHandlers.ofString())
                            .body());
        }
    }
}
