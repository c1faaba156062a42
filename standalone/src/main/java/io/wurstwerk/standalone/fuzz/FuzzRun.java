package io.wurstwerk.standalone.fuzz;

import io.wurstwerk.standalone.fuzz.Door.Known;
import io.wurstwerk.standalone.stack.Addresses;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/** Sends junk to the doors of a stack in this process, one after the other, and looks at what becomes of it. */
public final class FuzzRun {
    /** So many inputs come before it is noted what the process holds: by then its pools are full. */
    private static final int WARMING = 150;

    private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(5);

    private final Addresses addresses;
    private final Path log;
    private final long seed;
    private final Consumer<String> tell;

    /** Where junk may go. */
    public enum Target {
        INTAKE,
        HTTP,
        WORKER;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * What came of it.
     *
     * @param finding what was found; empty when nothing was
     */
    public record Outcome(Target target, long cases, Duration took, String finding) {
        public boolean clean() {
            return finding.isEmpty();
        }

        public String line() {
            return "door " + target + " cases " + cases + " seconds " + took.toSeconds() + " findings "
                    + (clean() ? 0 : 1);
        }
    }

    /**
     * Sends nothing yet.
     *
     * @param log of the stack
     * @param tell takes lines about what is done
     */
    public FuzzRun(Addresses addresses, Path log, long seed, Consumer<String> tell) {
        this.addresses = addresses;
        this.log = log;
        this.seed = seed;
        this.tell = tell;
    }

    /** Sends junk to one door for a while, and before it all that was ever found there. Stops at the first finding. */
    public Outcome run(Target target, Duration time) throws Exception {
        long start = System.nanoTime();
        Progress progress = new Progress();
        String finding = "";
        try (Door door = door(target);
                Neighbour neighbour = new Neighbour(addresses.kafka(), target)) {
            try {
                ask(target, door, neighbour, time, progress);
            } catch (Finding found) {
                finding = progress.at + ": " + found.getMessage();
            }
        }
        return new Outcome(target, progress.cases, Duration.ofNanos(System.nanoTime() - start), finding);
    }

    private static final class Progress {
        private String at = "before the first case";
        private long cases;
    }

    private void ask(Target target, Door door, Neighbour neighbour, Duration time, Progress progress)
            throws Finding, Exception {
        LogTail said = new LogTail(log);
        neighbour.draw();
        for (Known known : door.known()) {
            progress.at = "known case \"" + known.name() + "\"";
            known.sending().send();
        }
        look(door, neighbour, said);
        while (progress.cases < WARMING) {
            send(target, door, progress);
        }
        look(door, neighbour, said);
        Vitals before = Vitals.now();
        long end = System.nanoTime() + time.toNanos();
        long next = System.nanoTime() + BETWEEN_LOOKS.toNanos();
        while (System.nanoTime() < end) {
            send(target, door, progress);
            if (System.nanoTime() > next) {
                look(door, neighbour, said);
                next = System.nanoTime() + BETWEEN_LOOKS.toNanos();
            }
        }
        look(door, neighbour, said);
        tell.accept(target + ": " + before + " before, " + before.awaitReturn() + " after");
        said.requireQuiet();
    }

    private void send(Target target, Door door, Progress progress) throws Finding, Exception {
        progress.at = "case " + progress.cases;
        door.send(progress.cases, random(target, progress.cases));
        progress.cases++;
    }

    private static void look(Door door, Neighbour neighbour, LogTail said) throws Finding, Exception {
        neighbour.draw();
        door.settle();
        said.requireQuiet();
    }

    private Door door(Target target) {
        return switch (target) {
            case INTAKE -> new IntakeDoor(addresses.kafka());
            case HTTP -> new HttpDoor(URI.create(addresses.http()));
            case WORKER -> new WorkerDoor(addresses.triton());
        };
    }

    /** All chance of a case, from the seed and its number: any case can be made again without those before it. */
    private SplittableRandom random(Target target, long number) {
        return new SplittableRandom(seed * 1_000_003 + target.name().hashCode() * 1_000_000_007L + number * 31);
    }
}
