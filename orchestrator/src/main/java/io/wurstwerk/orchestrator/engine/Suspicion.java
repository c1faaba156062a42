package io.wurstwerk.orchestrator.engine;

import io.wurstwerk.orchestrator.engine.Lanes.Berth;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * What the ends of lanes say about one job. Each image remembers how far it was when a lane ended under it: an image
 * that has gone on since was not what the lane died of, one that is still there may be. For as long as the job is
 * started here; what is counted goes to the journal.
 */
final class Suspicion {
    private static final int NEVER = -1;

    private final int[] stoodAt;
    private final Map<String, Long> counted = new HashMap<>();
    private int crashes;

    Suspicion(int images) {
        stoodAt = new int[images];
        Arrays.fill(stoodAt, NEVER);
    }

    /** Whether this end of the lane has not been seen yet: it hits several images of a job at once. */
    boolean firstOf(Berth berth) {
        Long before = counted.put(berth.lane(), berth.life());
        if (before != null && before >= berth.life()) {
            counted.put(berth.lane(), before);
            return false;
        }
        return true;
    }

    /** Whether nothing has been counted here yet. */
    boolean none() {
        return crashes == 0;
    }

    /**
     * Counts an end.
     *
     * @param hit whether each image had a call under way on the lane
     * @param steps how far each image is
     * @return the crashes counted here before that are disproved by now: all, or none
     */
    int crashed(boolean[] hit, int[] steps) {
        boolean stuck = false;
        for (int i = 0; i < hit.length; i++) {
            stuck |= hit[i] && stoodAt[i] == steps[i];
        }
        int disproved = stuck ? 0 : disproved(steps);
        for (int i = 0; i < hit.length; i++) {
            stoodAt[i] = hit[i] ? steps[i] : stoodAt[i];
        }
        crashes += 1 - disproved;
        return disproved;
    }

    /** The crashes counted here if every image that stood at one has gone on; none otherwise. */
    private int disproved(int[] steps) {
        for (int i = 0; i < steps.length; i++) {
            if (stoodAt[i] != NEVER && steps[i] <= stoodAt[i]) {
                return 0;
            }
        }
        return crashes;
    }

    /** Takes back the crashes that are disproved; none if there are none. */
    int acquitted(int[] steps) {
        int disproved = disproved(steps);
        if (disproved > 0) {
            crashes = 0;
            Arrays.fill(stoodAt, NEVER);
        }
        return disproved;
    }
}
