package io.wurstwerk.standalone.command;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.wurstwerk.standalone.stack.Addresses;
import io.wurstwerk.standalone.stack.RunFile;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Submits a prompt event, or one for each line of a file, follows the jobs and writes the images. */
@Command(
        name = "generate",
        description = "Draws images from a sentence, or from a file of sentences.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
final class GenerateCommand implements Callable<Integer> {
    private static final int MOST_AT_ONCE = 1_000;
    private static final List<String> FORMATS = List.of("png", "jpeg", "webp");

    @Parameters(paramLabel = "PROMPT", arity = "0..1", description = "what to draw")
    @Nullable
    String prompt;

    @Option(
            names = "--prompts",
            paramLabel = "FILE",
            description = "draw many instead: each line of the file (- is standard input) is a prompt or a JSON object"
                    + " with fields of a request; blank lines and # comments are skipped; the options are for the"
                    + " lines that do not say otherwise")
    @Nullable
    String prompts;

    @Option(
            names = "--at-once",
            paramLabel = "N",
            description = "how many jobs of --prompts are under way at a time (default: 8)")
    int atOnce = 8;

    @Option(
            names = "--promote",
            paramLabel = "JOB",
            description = "finish a draft instead, with its own settings; only those of the decoder and of the file can"
                    + " be changed, and --images says how many where the draft has several")
    @Nullable
    String promote;

    @Mixin
    RequestOptions request = new RequestOptions();

    @Option(
            names = "-o",
            paramLabel = "FILE",
            description = "where the image goes; several become NAME-0.png, NAME-1.png, ..."
                    + " (default: wurstwerk-<job id>.png, .jpg or .webp); with --prompts the folder of the images, which are named by"
                    + " their line (default: wurstwerk-images)")
    @Nullable
    Path output;

    @Mixin
    StackOptions options = new StackOptions();

    @Option(
            names = "--kafka",
            paramLabel = "HOST:PORT",
            description = "submit to the Wurstwerk behind this Kafka instead of one on this machine")
    @Nullable
    String kafka;

    @Option(
            names = "--kafka-config",
            paramLabel = "FILE",
            description =
                    "properties of Kafka's clients, such as security.protocol, for the Kafka of --kafka; passwords"
                            + " stay in the file")
    @Nullable
    Path kafkaConfig;

    @Option(names = "--timeout", paramLabel = "SECONDS", description = "give a job up after this long (default: 3600)")
    long timeout = 3600;

    @Option(names = "--json", description = "print one JSON object; with --prompts one a line and a summary")
    boolean json;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli before call()
    CommandSpec spec;

    @Override
    public Integer call() throws InterruptedException {
        requireUsable();
        Report report =
                new Report(spec.commandLine().getOut(), spec.commandLine().getErr(), json);
        if (prompts != null) {
            return drawFile(prompts, report);
        }
        if (request.outputFormat == null && !request.draft) {
            request.outputFormat = formatOfName();
        }
        if (promote == null) {
            if (request.seed == null) {
                request.seed = BigInteger.valueOf(Integer.toUnsignedLong(new SecureRandom().nextInt()));
            }
            report.note("seed " + request.seed);
        }
        try (Installation installation = installation(report);
                JobClient client = JobClient.connect(installation.kafka(), kafkaSecurity())) {
            return switch (submit(client, body())) {
                case Outcome.Completed completed -> {
                    if (request.draft) {
                        report.note("draft " + completed.jobId());
                    }
                    report.completed(completed, new Download().to(outputs(completed), completed.images()));
                    yield 0;
                }
                case Outcome.Refused refused -> {
                    report.refused(refused);
                    yield CommandLineInterface.FAILED;
                }
            };
        } catch (IOException | RuntimeException e) {
            report.failed(CommandLineInterface.reason(e));
            return CommandLineInterface.FAILED;
        }
    }

    private Map<String, Object> kafkaSecurity() throws IOException {
        if (kafkaConfig == null) {
            return Map.of();
        }
        var properties = new Properties();
        try (var in = Files.newBufferedReader(kafkaConfig)) {
            properties.load(in);
        } catch (NoSuchFileException e) {
            throw new IllegalStateException("--kafka-config: there is no file " + kafkaConfig, e);
        }
        Map<String, Object> settings = new HashMap<>();
        properties.stringPropertyNames().forEach(name -> settings.put(name, properties.getProperty(name)));
        return settings;
    }

    private ObjectNode body() {
        return promote == null ? request.request(requireNonNull(prompt)) : request.promotion(promote);
    }

    private Outcome submit(JobClient client, ObjectNode body) throws InterruptedException, IOException {
        Progress progress = new Progress.OfJob(
                StatusLine.on(spec.commandLine().getErr()),
                new Pace(Plan.of(body), new StageCosts()),
                System::nanoTime);
        try {
            return client.submit(PromptEvent.of(body), progress, Duration.ofSeconds(timeout));
        } finally {
            progress.clear();
        }
    }

    /** Reads all of the file before anything starts, so that a wrong name costs nothing. */
    private int drawFile(String file, Report report) throws InterruptedException {
        List<PromptLine> lines = lines(file);
        if (lines.isEmpty()) {
            throw new ParameterException(
                    spec.commandLine(), "--prompts " + file + ": no line is a prompt, all are blank or comments");
        }
        try {
            NumberedFiles album = NumberedFiles.in(
                    output != null ? output : Path.of("wurstwerk-images"),
                    lines.getLast().number(),
                    new Download());
            try (Installation installation = installation(report);
                    JobClient client = JobClient.connect(installation.kafka(), kafkaSecurity())) {
                Batch batch = new Batch(
                        client, album, request, report::line, System::nanoTime, atOnce, Duration.ofSeconds(timeout));
                Summary summary = batch.run(
                        lines,
                        new BatchCourse(StatusLine.on(spec.commandLine().getErr()), lines.size(), System::nanoTime));
                report.summary(summary);
                return summary.failed().isEmpty() ? 0 : CommandLineInterface.FAILED;
            }
        } catch (IOException | RuntimeException e) {
            report.failed(CommandLineInterface.reason(e));
            return CommandLineInterface.FAILED;
        }
    }

    private List<PromptLine> lines(String file) {
        try (InputStream in = file.equals("-") ? System.in : Files.newInputStream(Path.of(file))) {
            return PromptFile.read(in);
        } catch (NoSuchFileException e) {
            throw new ParameterException(spec.commandLine(), "--prompts: there is no file " + file, e);
        } catch (IOException | InvalidPathException e) {
            throw new ParameterException(
                    spec.commandLine(), "--prompts " + file + ": " + CommandLineInterface.reason(e), e);
        }
    }

    private Installation installation(Report report) throws InterruptedException {
        if (kafka != null) {
            return Installation.elsewhere(kafka);
        }
        Optional<Addresses> running =
                options.repository == null ? new RunFile(options.data).running() : Optional.empty();
        if (running.isPresent()) {
            report.note("using the stack of " + options.data.toAbsolutePath());
            return Installation.elsewhere(running.get().kafka());
        }
        if (promote != null) {
            throw new IllegalStateException(
                    "no stack runs that could have the draft: start ./wurstwerk up before drawing"
                            + " drafts, or name the installation with --kafka");
        }
        if (request.draft) {
            report.note("the draft goes with the stack of this command: to finish drafts later, start ./wurstwerk up");
        }
        report.note("starting Kafka, S3, Triton worker and orchestrator in this process");
        return Installation.own(options);
    }

    private void requireUsable() {
        if (promote != null && (prompt != null || prompts != null || request.draft)) {
            throw new ParameterException(
                    spec.commandLine(), "--promote JOB finishes a draft: it takes no PROMPT, --prompts or --draft");
        }
        if (promote == null && (prompt == null) == (prompts == null)) {
            throw new ParameterException(
                    spec.commandLine(), "say what to draw: either a PROMPT or a file of prompts with --prompts FILE");
        }
        if (prompt != null && prompt.isBlank()) {
            throw new ParameterException(spec.commandLine(), "the prompt is empty: say what to draw");
        }
        if (request.outputFormat != null && !FORMATS.contains(request.outputFormat)) {
            throw new ParameterException(spec.commandLine(), "--output-format must be png, jpeg or webp");
        }
        if (atOnce < 1 || atOnce > MOST_AT_ONCE) {
            throw new ParameterException(spec.commandLine(), "--at-once must be from 1 to " + MOST_AT_ONCE);
        }
        if (kafka != null && options.repository != null) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--kafka and --repository exclude each other: the stack behind --kafka has its own repository");
        }
        if (timeout < 1) {
            throw new ParameterException(spec.commandLine(), "--timeout must be at least 1 second");
        }
        if (output != null && prompts == null) {
            requireWritable(output.toAbsolutePath());
        }
    }

    private void requireWritable(Path file) {
        Path folder = file.getParent();
        if (Files.isDirectory(file)) {
            throw new ParameterException(spec.commandLine(), "-o names a folder: " + file);
        }
        if (folder == null || !Files.isDirectory(folder) || !Files.isWritable(folder)) {
            throw new ParameterException(spec.commandLine(), "-o: no folder to write to: " + folder);
        }
    }

    /** What the name given with -o ends in, if that is a format. */
    @Nullable
    String formatOfName() {
        String name = output == null ? "" : output.getFileName().toString().toLowerCase(Locale.ROOT);
        String ending = name.substring(name.lastIndexOf('.') + 1);
        boolean hasEnding = ending.length() < name.length();
        String format = ending.equals("jpg") ? "jpeg" : ending;
        return hasEnding && FORMATS.contains(format) ? format : null;
    }

    private List<Path> outputs(Outcome.Completed completed) {
        String extension =
                NumberedFiles.extension(completed.event().path("images").path(0));
        Path file = output != null ? output : Path.of("wurstwerk-" + completed.jobId() + extension);
        int count = completed.images().size();
        if (count == 1) {
            return List.of(file);
        }
        String name = file.getFileName().toString();
        int dot = name.lastIndexOf('.');
        String stem = dot > 0 ? name.substring(0, dot) : name;
        String ending = dot > 0 ? name.substring(dot) : extension;
        List<Path> files = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            files.add(file.resolveSibling(stem + "-" + i + ending));
        }
        return List.copyOf(files);
    }
}
