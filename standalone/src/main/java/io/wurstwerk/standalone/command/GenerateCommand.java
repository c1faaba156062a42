package io.wurstwerk.standalone.command;

import io.wurstwerk.orchestrator.job.OutputFile.Format;
import io.wurstwerk.standalone.stack.Addresses;
import io.wurstwerk.standalone.stack.RunFile;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Submits one prompt event, follows its job and writes the images. */
@Command(
        name = "generate",
        description = "Draws images from a sentence.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
final class GenerateCommand implements Callable<Integer> {
    @Parameters(paramLabel = "PROMPT", description = "what to draw")
    String prompt = "";

    @Option(names = "--negative-prompt", paramLabel = "TEXT", description = "what to keep out (default: none)")
    @Nullable
    String negativePrompt;

    @Option(names = "--width", paramLabel = "PIXELS", description = "default: the checkpoint's")
    @Nullable
    Integer width;

    @Option(names = "--height", paramLabel = "PIXELS", description = "default: the checkpoint's")
    @Nullable
    Integer height;

    @Option(names = "--seed", paramLabel = "N", description = "a 64-bit integer (default: drawn at random)")
    @Nullable
    BigInteger seed;

    @Option(names = "--images", paramLabel = "N", description = "how many, seeds N, N+1, ... (default: 1)")
    int images = 1;

    @Option(names = "--prior", paramLabel = "NAME", description = "the checkpoint (default: interpolated)")
    @Nullable
    String prior;

    @Option(names = "--prior-guidance-scale", paramLabel = "X", description = "default: the checkpoint's")
    @Nullable
    Double priorGuidanceScale;

    @Option(names = "--steps", paramLabel = "N", description = "Stage C steps (default: the default schedule)")
    @Nullable
    Integer steps;

    @Option(names = "--decoder-steps", paramLabel = "N", description = "Stage B steps (default: 12)")
    int decoderSteps = 12;

    @Option(names = "--decoder-guidance-scale", paramLabel = "X", description = "default: 0")
    double decoderGuidanceScale;

    @Option(
            names = "-o",
            paramLabel = "FILE",
            description = "where the image goes; several become NAME-0.png, NAME-1.png, ..."
                    + " (default: wurstwerk-<job id>.png, .jpg or .webp)")
    @Nullable
    Path output;

    @Option(
            names = "--output-format",
            paramLabel = "FORMAT",
            description = "png, jpeg or webp (default: what the name given with -o ends in, else png)")
    @Nullable
    String outputFormat;

    @Option(names = "--output-quality", paramLabel = "N", description = "1 to 100, of a jpeg or webp (default: 90)")
    @Nullable
    Integer outputQuality;

    @Option(
            names = "--metadata",
            paramLabel = "WHICH",
            description = "what the file says about its making: none, parameters, or full with the prompt"
                    + " (default: none)")
    @Nullable
    String metadata;

    @Mixin
    StackOptions options = new StackOptions();

    @Option(
            names = "--kafka",
            paramLabel = "HOST:PORT",
            description = "submit to the Wurstwerk behind this Kafka instead of one on this machine")
    @Nullable
    String kafka;

    @Option(names = "--timeout", paramLabel = "SECONDS", description = "give up after this long (default: 3600)")
    long timeout = 3600;

    @Option(names = "--json", description = "print one JSON object instead of lines")
    boolean json;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli before call()
    CommandSpec spec;

    @Override
    public Integer call() throws InterruptedException {
        requireUsable();
        BigInteger drawn =
                seed != null ? seed : BigInteger.valueOf(Integer.toUnsignedLong(new SecureRandom().nextInt()));
        Report report =
                new Report(spec.commandLine().getOut(), spec.commandLine().getErr(), json);
        report.note("seed " + drawn);
        try (Installation installation = installation(report);
                JobClient client = JobClient.connect(installation.kafka())) {
            return switch (submit(client, PromptEvent.of(this, drawn))) {
                case Outcome.Completed completed -> {
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

    /** The format to ask for; empty leaves it to the orchestrator. */
    Optional<String> format() {
        if (outputFormat != null) {
            return Optional.of(outputFormat);
        }
        String name = output == null ? "" : output.getFileName().toString().toLowerCase(Locale.ROOT);
        if (name.endsWith(".jpeg")) {
            return Optional.of(Format.JPEG.wire());
        }
        return Arrays.stream(Format.values())
                .filter(format -> name.endsWith("." + format.extension()))
                .map(Format::wire)
                .findFirst();
    }

    private String extension() {
        return "." + Format.of(format().orElse(Format.PNG.wire())).extension();
    }

    private Outcome submit(JobClient client, PromptEvent event) throws InterruptedException, IOException {
        Progress progress = Progress.on(spec.commandLine().getErr());
        try {
            return client.submit(event, progress, Duration.ofSeconds(timeout));
        } finally {
            progress.clear();
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
        report.note("starting Kafka, S3, Triton worker and orchestrator in this process");
        return Installation.own(options);
    }

    private void requireUsable() {
        if (prompt.isBlank()) {
            throw new ParameterException(spec.commandLine(), "the prompt is empty: say what to draw");
        }
        if (kafka != null && options.repository != null) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--kafka and --repository exclude each other: the stack behind --kafka has its own repository");
        }
        if (outputFormat != null
                && Arrays.stream(Format.values()).map(Format::wire).noneMatch(outputFormat::equals)) {
            throw new ParameterException(spec.commandLine(), "--output-format must be png, jpeg or webp");
        }
        if (timeout < 1) {
            throw new ParameterException(spec.commandLine(), "--timeout must be at least 1 second");
        }
        if (output != null) {
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

    private List<Path> outputs(Outcome.Completed completed) {
        Path file = output != null ? output : Path.of("wurstwerk-" + completed.jobId() + extension());
        int count = completed.images().size();
        if (count == 1) {
            return List.of(file);
        }
        String name = file.getFileName().toString();
        int dot = name.lastIndexOf('.');
        String stem = dot > 0 ? name.substring(0, dot) : name;
        String extension = dot > 0 ? name.substring(dot) : extension();
        List<Path> files = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            files.add(file.resolveSibling(stem + "-" + i + extension));
        }
        return List.copyOf(files);
    }
}
