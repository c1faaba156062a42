package io.wurstwerk.standalone.command;

import io.wurstwerk.standalone.stack.Addresses;
import io.wurstwerk.standalone.stack.RunFile;
import java.io.BufferedReader;
import java.io.Console;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** Options of every command that speaks to an orchestrator over HTTP. */
final class ApiOptions {
    static final String KEY_VARIABLE = "WURSTWERK_API_KEY";

    private static final String KEY_FILE_VARIABLE = KEY_VARIABLE + "_FILE";

    private static final Pattern JOB_ID = Pattern.compile("[a-z2-7]{52}(-[0-9a-f]{16})?");
    private static final Pattern KEY = Pattern.compile("[!-~]{1,1024}");

    @Option(
            names = "--url",
            paramLabel = "URL",
            description = "the orchestrator, such as http://host:8080 (default: the stack that runs on --data)")
    @Nullable
    URI url;

    /** Takes no value: a command line can be read by everybody on the machine. */
    @Option(
            names = "--api-key",
            description = "ask for the API key, or read it from standard input (default: $" + KEY_VARIABLE
                    + ", or the file that $" + KEY_VARIABLE + "_FILE names)")
    boolean askForKey;

    @Option(
            names = "--data",
            paramLabel = "FOLDER",
            description = "where the running stack keeps its data (default: ${DEFAULT-VALUE})")
    Path data = StackOptions.defaultData();

    @Option(names = "--json", description = "print one JSON object")
    boolean json;

    @Spec(Target.MIXEE)
    @SuppressWarnings("NullAway.Init") // set by picocli before the command is called
    CommandSpec spec;

    /** Does something with the API and gives the exit status. */
    interface Asking {
        int ask(ApiClient api, Report report) throws IOException, InterruptedException;
    }

    /** Says what went wrong if the asking fails. */
    int run(Asking asking) throws InterruptedException {
        Report report =
                new Report(spec.commandLine().getOut(), spec.commandLine().getErr(), json);
        try (ApiClient api = new ApiClient(base(), key())) {
            return asking.ask(api, report);
        } catch (ApiException e) {
            if (json) {
                report.object(e.json());
            }
            report.note("wurstwerk: " + e.reason());
            return CommandLineInterface.FAILED;
        } catch (IOException e) {
            throw new IllegalStateException(CommandLineInterface.reason(e), e);
        }
    }

    /** Whatever cannot be a job's id is never sent anywhere. */
    String jobId(String typed) {
        if (!JOB_ID.matcher(typed).matches()) {
            throw usage("'" + typed + "' is not a job's id: ./wurstwerk jobs lists them");
        }
        return typed;
    }

    ParameterException usage(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    private URI base() throws ApiException {
        if (url == null) {
            Optional<Addresses> running = new RunFile(data).running();
            return URI.create(running.orElseThrow(() -> new ApiException(
                            "unreachable",
                            "no stack runs on " + data.toAbsolutePath()
                                    + ": start one with ./wurstwerk up, or name another with --url"))
                    .http());
        }
        boolean http = "http".equalsIgnoreCase(url.getScheme()) || "https".equalsIgnoreCase(url.getScheme());
        boolean bare = url.getRawQuery() == null && url.getRawFragment() == null && url.getRawUserInfo() == null;
        if (!http || !bare || url.getHost() == null) {
            throw usage("--url must be like http://host:8080");
        }
        String text = url.toString();
        return text.endsWith("/") ? URI.create(text.substring(0, text.length() - 1)) : url;
    }

    private Optional<String> key() throws IOException {
        String key = askForKey ? ask() : fromEnvironment();
        if (key == null || key.isBlank()) {
            return Optional.empty();
        }
        if (!KEY.matcher(key.strip()).matches()) {
            throw usage("the API key has a character that no key has");
        }
        return Optional.of(key.strip());
    }

    private @Nullable String fromEnvironment() throws IOException {
        String file = System.getenv(KEY_FILE_VARIABLE);
        if (System.getenv(KEY_VARIABLE) != null || file == null || file.isBlank()) {
            return System.getenv(KEY_VARIABLE);
        }
        try {
            return Files.readString(Path.of(file));
        } catch (NoSuchFileException e) {
            throw usage(KEY_FILE_VARIABLE + " names " + file + ", which is not there");
        }
    }

    // Without JLine, which is not there by default, no console is null still.
    @SuppressWarnings("SystemConsoleNull")
    private static @Nullable String ask() throws IOException {
        Console console = System.console();
        if (console != null && console.isTerminal()) {
            char[] typed = console.readPassword("API key: ");
            return typed == null ? null : new String(typed);
        }
        return new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)).readLine();
    }
}
