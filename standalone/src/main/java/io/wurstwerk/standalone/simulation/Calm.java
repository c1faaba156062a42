package io.wurstwerk.standalone.simulation;

import io.wurstwerk.orchestrator.engine.ImageId;
import io.wurstwerk.orchestrator.job.JobId;
import io.wurstwerk.orchestrator.job.JobState.Terminal;
import io.wurstwerk.orchestrator.job.Priority;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The end of a seed, when nothing goes wrong any more: one tenant floods, one wants one picture, one takes it back. */
final class Calm {
    private static final int FLOOD = 36;
    /** A step under way may end, and a second is enough for all the rest. */
    private static final long REGRET_LIMIT = World.LONGEST_CALM_STEP + 1_000;

    private final World world;
    private final Map<JobId, Long> begun = new HashMap<>();
    private final Set<JobId> flood = new HashSet<>();
    private final Set<Integer> served = new HashSet<>();
    private @Nullable JobId quiet;
    private @Nullable JobId regretted;
    private long longest;
    private long quietSince;
    private long regretSince = -1;
    private boolean over;

    Calm(World world) {
        this.world = world;
    }

    void begin() {
        for (int i = 0; i < FLOOD; i++) {
            flood.add(world.wish("flood", i, i % World.PARTITIONS, Priority.NORMAL));
        }
    }

    boolean over() {
        return over;
    }

    void begun(ImageId image) {
        if (begun.putIfAbsent(image.job(), now()) != null || !image.job().equals(quiet)) {
            return;
        }
        long waited = now() - quietSince;
        if (waited > 2 * longest) {
            throw new Broken(
                    "I8",
                    "the one job of a tenant waited " + waited + " ms while another flooded, more than twice the "
                            + longest + " ms that a job takes");
        }
        regretted = world.wish("regretful", FLOOD + 1, image.partition(), Priority.HIGH);
    }

    void stepped(ImageId image) {
        if (image.job().equals(regretted) && regretSince < 0) {
            regretSince = now();
            world.cancel(image.partition(), image.job());
        }
    }

    void answered(int partition, Terminal answer) {
        Long since = begun.get(answer.id());
        if (since != null && flood.contains(answer.id())) {
            longest = Math.max(longest, now() - since);
            served.add(partition);
            if (quiet == null && served.size() == World.PARTITIONS) {
                // Every owner has shown that it works.
                quietSince = now();
                quiet = world.wish("quiet", FLOOD, partition, Priority.NORMAL);
            }
        } else if (answer.id().equals(regretted)) {
            if (!(answer instanceof Terminal.Cancelled) || now() - regretSince > REGRET_LIMIT) {
                throw new Broken(
                        "I9",
                        "job " + answer.id() + " was " + answer.name() + " " + (now() - regretSince)
                                + " ms after it was cancelled");
            }
            over = true;
        }
    }

    private long now() {
        return world.time().millis0();
    }
}
