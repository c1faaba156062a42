package io.wurstwerk.orchestrator.engine;

import io.wurstwerk.orchestrator.job.JobId;
import io.wurstwerk.orchestrator.job.JobState;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a new owner makes of the logs. Pure.
 *
 * @param open jobs that owe an answer, crashes of the last owner counted
 * @param checkpoints the furthest valid one of each image of an open job
 * @param litter keys of checkpoints that nobody needs: of answered or unknown jobs, damaged, of another pipeline
 */
record Replay(Map<JobId, JobState.Open> open, Map<JobId, Map<Integer, Checkpoint>> checkpoints, List<String> litter) {

    /**
     * @param pipeline fingerprint of the models that would go on with the work
     * @param survived attempts by job that ended with an ownership of this process and not in a crash
     */
    static Replay of(Event.Opened opened, String pipeline, Map<JobId, Integer> survived) {
        Map<JobId, JobState.Open> open = new LinkedHashMap<>(opened.journal().open());
        Map<JobId, Map<Integer, Checkpoint>> checkpoints = new HashMap<>();
        List<String> litter = new ArrayList<>();
        for (Event.Raw raw : opened.checkpoints()) {
            Optional<Checkpoint> checkpoint = Checkpoint.decode(raw.key(), raw.value())
                    .filter(decoded -> open.containsKey(decoded.job()))
                    .filter(decoded -> decoded.pipeline().equals(pipeline));
            if (checkpoint.isPresent()) {
                keep(checkpoints.computeIfAbsent(checkpoint.get().job(), job -> new HashMap<>()), checkpoint.get());
            } else {
                litter.add(raw.key());
            }
        }
        litter.removeIf(key -> stillNeeded(key, checkpoints));
        open.replaceAll((job, state) -> state instanceof JobState.Running running
                        && survived.getOrDefault(job, 0) == running.attempts().started()
                ? running.pause()
                : state.orphaned(progress(checkpoints.getOrDefault(job, Map.of()))));
        return new Replay(open, checkpoints, litter);
    }

    /** A damaged record may lie behind a good one of the same key. */
    private static boolean stillNeeded(String key, Map<JobId, Map<Integer, Checkpoint>> checkpoints) {
        return checkpoints.values().stream()
                .flatMap(images -> images.values().stream())
                .anyMatch(checkpoint -> checkpoint.key().equals(key));
    }

    /** A zombie's late record may lie behind a better one: the attempt decides, then the progress. */
    private static void keep(Map<Integer, Checkpoint> images, Checkpoint found) {
        images.merge(found.image(), found, (kept, other) -> better(kept, other) ? kept : other);
    }

    private static boolean better(Checkpoint kept, Checkpoint other) {
        if (kept.attempt() != other.attempt()) {
            return kept.attempt() > other.attempt();
        }
        return kept.content().progress() > other.content().progress();
    }

    /** Steps in checkpoints; a stored image counts more than any number of steps. */
    private static int progress(Map<Integer, Checkpoint> images) {
        long steps = images.values().stream()
                .mapToLong(checkpoint -> Math.min(checkpoint.content().progress(), 1_000))
                .sum();
        return Math.toIntExact(steps);
    }
}
