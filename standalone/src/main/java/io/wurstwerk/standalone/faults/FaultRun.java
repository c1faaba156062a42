package io.wurstwerk.standalone.faults;

import io.wurstwerk.standalone.part.PartProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** Submits jobs to a cast of processes while it kills and stops them, then counts. */
public final class FaultRun {
    private static final Duration LIMIT = Duration.ofMinutes(8);
    /** Longer than a session, so that a stopped orchestrator has lost its partitions when it wakes. */
    private static final long STOP_MILLIS = 9_000;

    private final Cast cast;
    private final Path data;
    private final Path repository;
    private final Random random;
    private final Consumer<String> tell;

    /**
     * What became of the jobs.
     *
     * @param resumed images that went on from a checkpoint
     * @param repeated steps done more than once, in percent of those needed
     * @param refused transactions of owners that had lost their partition
     */
    public record Count(int jobs, int lost, int duplicated, int different, int resumed, double repeated, int refused) {
        public boolean clean() {
            return lost == 0 && duplicated == 0 && different == 0;
        }

        public String line() {
            return String.format(
                    Locale.ROOT,
                    "jobs %d lost %d duplicated %d different %d resumed %d repeated-steps %.1f %%",
                    jobs,
                    lost,
                    duplicated,
                    different,
                    resumed,
                    repeated);
        }
    }

    /**
     * Starts nothing yet.
     *
     * @param cast is started, and not closed
     * @param data where the processes leave their logs
     * @param tell takes a line about everything that is done
     */
    public FaultRun(Cast cast, Path data, Path repository, Random random, Consumer<String> tell) {
        this.cast = cast;
        this.data = data;
        this.repository = repository;
        this.random = random;
        this.tell = tell;
    }

    /** Runs the jobs through the faults and counts what came out. */
    public Count run(int jobs, int kills) throws IOException, InterruptedException {
        cast.start();
        tell.accept("every part is ready");
        StepCount steps = new StepCount(cast.metrics());
        try (JobLedger ledger = new JobLedger(cast.kafka(), jobs)) {
            int submitted = 0;
            for (int i = 0; i < kills; i++) {
                int until = (int) ((i + 1L) * jobs / kills);
                while (submitted < until) {
                    ledger.submit(submitted++);
                }
                Thread.sleep(3_000 + random.nextInt(5_000));
                hurt(i, steps);
                ledger.read(Duration.ofMillis(100));
            }
            while (submitted < jobs) {
                ledger.submit(submitted++);
            }
            wake();
            revive();
            tell.accept("no more faults; " + ledger.answered() + " of " + jobs + " jobs are answered");
            long end = System.nanoTime() + LIMIT.toNanos();
            while (ledger.answered() < jobs && System.nanoTime() < end) {
                ledger.read(Duration.ofMillis(500));
                steps.look();
            }
            // What is answered twice may come a little later than what is answered.
            ledger.read(Duration.ofSeconds(3));
            steps.look();
            return count(ledger, steps, jobs);
        }
    }

    private Count count(JobLedger ledger, StepCount steps, int jobs) throws IOException {
        tell.accept("comparing with unbroken runs");
        int different = new Oracle(cast.triton(), repository).different(ledger);
        return new Count(
                jobs,
                jobs - ledger.answered(),
                ledger.duplicated(),
                different,
                inLogs("goes on from step"),
                100.0 * (steps.rows() - ledger.neededRows()) / ledger.neededRows(),
                inLogs("another owner is there"));
    }

    private void hurt(int number, StepCount steps) throws IOException, InterruptedException {
        PartProcess victim = cast.victim(number, random);
        if (victim.stopped()) {
            wake();
        }
        revive();
        if (cast.orchestrators().contains(victim) && number % 4 == 3) {
            tell.accept("stop " + victim.name());
            victim.signal("STOP");
            Thread.ofVirtual().start(() -> carryOn(victim));
            return;
        }
        tell.accept("kill -9 " + victim.name());
        if (victim.equals(cast.models())) {
            steps.look();
        }
        victim.kill();
        if (victim.equals(cast.models())) {
            steps.died();
        }
        if (!cast.patient()) {
            Thread.sleep(random.nextInt(500));
            victim.start();
        }
    }

    private void revive() throws IOException {
        for (PartProcess part : cast.parts()) {
            if (!part.alive()) {
                tell.accept("start " + part.name());
                part.start();
            }
        }
    }

    private static void carryOn(PartProcess victim) {
        try {
            Thread.sleep(STOP_MILLIS);
            victim.signal("CONT");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void wake() throws IOException, InterruptedException {
        for (PartProcess part : cast.parts()) {
            if (part.stopped()) {
                part.signal("CONT");
            }
        }
    }

    private int inLogs(String words) throws IOException {
        int found = 0;
        try (Stream<Path> files = Files.list(data.resolve("logs"))) {
            for (Path file : files.filter(f -> f.toString().contains("ORCHESTRATOR")
                            && f.toString().contains(".log"))
                    .toList()) {
                try (Stream<String> lines = Files.lines(file, StandardCharsets.UTF_8)) {
                    found += (int) lines.filter(line -> line.contains(words)).count();
                }
            }
        }
        return found;
    }
}
