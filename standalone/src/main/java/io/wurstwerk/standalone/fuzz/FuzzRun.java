package io.wurstwerk.standalone.fuzz;

import io.wurstwerk.standalone.stack.Addresses;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.stream.Stream;

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
    public record Outcome(Target target, long cases, String held, String finding) {
        public boolean clean() {
            return finding.isEmpty();
        }

        public String line() {
            return "door " + target + " cases " + cases + " findings " + (clean() ? 0 : 1);
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

    /** Sends junk to one door for a while. Stops at the first finding. */
    public Outcome run(Target target, Duration time) throws Exception {
        long number = 0;
        String held = "";
        try (Door door = door(target);
                Neighbour neighbour = new Neighbour(addresses.kafka(), target)) {
            try {
                neighbour.draw();
                while (number < WARMING) {
                    door.send(number, random(target, number));
                    number++;
                }
                door.settle();
                neighbour.draw();
                Vitals before = Vitals.now();
                long end = System.nanoTime() + time.toNanos();
                long look = System.nanoTime() + BETWEEN_LOOKS.toNanos();
                while (System.nanoTime() < end) {
                    door.send(number, random(target, number));
                    number++;
                    if (System.nanoTime() > look) {
                        neighbour.draw();
                        door.settle();
                        look = System.nanoTime() + BETWEEN_LOOKS.toNanos();
                    }
                }
                door.settle();
                neighbour.draw();
                held = before + " before, " + before.awaitReturn() + " after";
                tell.accept(target + ": " + held);
                requireQuietLog();
            } catch (Finding finding) {
                return new Outcome(target, number, held, "case " + number + ": " + finding.getMessage());
            }
        }
        return new Outcome(target, number, held, "");
    }

    /** No line of the log says that something failed which nobody foresaw, and none has a prompt. */
    private void requireQuietLog() throws Finding, IOException {
        try (Stream<String> lines = Files.lines(log, StandardCharsets.ISO_8859_1)) {
            String loud = lines.filter(line -> failed(line) || line.contains(Junk.CANARY))
                    .findFirst()
                    .orElse("");
            if (!loud.isEmpty()) {
                throw new Finding("the log says: " + loud);
            }
        }
    }

    /** Of Wurstwerk, its framework or gRPC: the broker and the store beside them complain of things of their own. */
    private static boolean failed(String line) {
        return line.contains(" ERROR [io.");
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
