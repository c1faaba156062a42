package io.wurstwerk.orchestrator.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What holds for every file of the page, whatever a browser would do with it. */
class PageFilesTest {

    private static final Path PAGE = Path.of("src/main/resources/META-INF/resources");
    private static final Pattern ELSEWHERE = Pattern.compile("(?:https?:)?//[a-z0-9.-]+\\.[a-z]{2,}[^\\s\"']*");
    private static final Pattern IMPORTED = Pattern.compile("from '\\./([a-z]+\\.js)'");

    @Test
    void nothingIsFromElsewhere() {
        assertThat(found(ELSEWHERE)).containsOnly(Map.entry("console/icon.svg", "//www.w3.org/2000/svg"));
    }

    @Test
    void wordsNeverBecomeMarkup() {
        assertThat(found(Pattern.compile(
                        "innerHTML|outerHTML|insertAdjacentHTML|document\\.write|DOMParser|\\beval\\(|new Function")))
                .isEmpty();
    }

    @Test
    void thePageHasNoScriptsOrStylesInItself() {
        assertThat(found(Pattern.compile("<style|<script(?![^>]*\\ssrc=)|\\sstyle=\"|\\son[a-z]+=\"")))
                .isEmpty();
    }

    @Test
    void everyModuleIsThereAndUsed() {
        Map<String, String> modules = texts("modules/");
        var imported = modules.values().stream()
                .flatMap(text -> IMPORTED.matcher(text).results())
                .map(result -> result.group(1));

        assertThat(Stream.concat(imported, Stream.of("main.js")).distinct().map("console/modules/"::concat))
                .containsExactlyInAnyOrderElementsOf(modules.keySet());
    }

    private static Map<String, String> found(Pattern pattern) {
        var all = new TreeMap<String, String>();
        texts("")
                .forEach((name, text) -> pattern.matcher(text)
                        .results()
                        .map(MatchResult::group)
                        .findFirst()
                        .ifPresent(match -> all.put(name, match.strip().replaceFirst("^https?:", ""))));
        return all;
    }

    private static Map<String, String> texts(String within) {
        try (Stream<Path> files = Files.walk(PAGE)) {
            var texts = new TreeMap<String, String>();
            files.filter(Files::isRegularFile).forEach(file -> {
                String name = PAGE.relativize(file).toString().replace('\\', '/');
                if (name.contains(within)) {
                    texts.put(name, text(file));
                }
            });
            return texts;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
