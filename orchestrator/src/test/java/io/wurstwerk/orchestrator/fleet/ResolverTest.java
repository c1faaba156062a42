package io.wurstwerk.orchestrator.fleet;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The machine's own resolver, in a process of its own: what Java remembers of names is the whole process's affair. */
class ResolverTest {
    /** Less than the half minute for which Java remembers by default. */
    private static final Duration LIMIT = Duration.ofSeconds(15);

    @TempDir
    Path folder;

    @Test
    void newAnswersAreHeardWithinSecondsAndSoIsANameThatWasUnknown() throws Exception {
        Path hosts = folder.resolve("hosts");
        Files.writeString(hosts, "127.0.0.2 gpu.test\n");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Djdk.net.hosts.file=" + hosts,
                        "-cp",
                        System.getProperty("java.class.path"),
                        Asking.class.getName())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (PrintStream questions = new PrintStream(process.getOutputStream(), true, UTF_8);
                BufferedReader answers = process.inputReader()) {
            assertThat(ask("gpu.test", questions, answers)).isEqualTo("127.0.0.2");
            assertThat(ask("other.test", questions, answers)).isEqualTo("unknown");
            Files.writeString(hosts, "127.0.0.3 gpu.test\n127.0.0.4 gpu.test\n127.0.0.5 other.test\n");
            await("gpu.test", "127.0.0.3 127.0.0.4", questions, answers);
            await("other.test", "127.0.0.5", questions, answers);
        } finally {
            process.destroy();
        }
    }

    private static void await(String host, String expected, PrintStream questions, BufferedReader answers)
            throws Exception {
        long limit = System.nanoTime() + LIMIT.toNanos();
        String answer = ask(host, questions, answers);
        while (!answer.equals(expected)) {
            assertThat(System.nanoTime()).as(host + " still leads to " + answer).isLessThan(limit);
            Thread.sleep(100);
            answer = ask(host, questions, answers);
        }
    }

    private static String ask(String host, PrintStream questions, BufferedReader answers) throws IOException {
        questions.println(host);
        return answers.readLine();
    }

    /** Answers names on its standard input with addresses on its standard output. */
    static final class Asking {
        public static void main(String[] arguments) throws IOException {
            Resolver resolver = Resolver.system();
            var in = new BufferedReader(new InputStreamReader(System.in, UTF_8));
            for (String host = in.readLine(); host != null; host = in.readLine()) {
                System.out.println(answer(resolver, host));
            }
        }

        private static String answer(Resolver resolver, String host) {
            try {
                List<String> numbers = resolver.addresses(host).stream()
                        .map(InetAddress::getHostAddress)
                        .sorted()
                        .toList();
                return String.join(" ", numbers);
            } catch (UnknownHostException unknown) {
                return "unknown";
            }
        }
    }
}
