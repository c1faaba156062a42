package io.wurstwerk.standalone.simulation;

import java.util.Optional;

/** Runs seeds. */
public final class Simulation {

    /**
     * What a run of seeds showed.
     *
     * @param resumes images that went on from latents in a checkpoint
     * @param resumedDecodes those of them whose Stage C had ended
     * @param repeated steps drawn more than once, in percent of those needed
     * @param failure names the first seed that broke an invariant
     */
    public record Summary(
            int seeds,
            int jobs,
            long kills,
            long laneCrashes,
            long resumes,
            long resumedDecodes,
            double repeated,
            Optional<String> failure,
            long failedSeed) {}

    private Simulation() {}

    /** Runs the seeds from {@code first} on, until one breaks an invariant. */
    public static Summary run(long first, int seeds, Mutation mutation) {
        int jobs = 0;
        long kills = 0;
        long laneCrashes = 0;
        long resumes = 0;
        long resumedDecodes = 0;
        long steps = 0;
        long needed = 0;
        int done = 0;
        Optional<String> failure = Optional.empty();
        while (done < seeds && failure.isEmpty()) {
            try {
                World.Result result = new World(first + done, mutation).run();
                jobs += result.jobs();
                kills += result.kills();
                laneCrashes += result.laneCrashes();
                resumes += result.resumes();
                resumedDecodes += result.resumedDecodes();
                steps += result.steps();
                needed += result.needed();
            } catch (Broken | IllegalStateException | NullPointerException broken) {
                failure = Optional.of(broken.toString());
            }
            done++;
        }
        return new Summary(
                done,
                jobs,
                kills,
                laneCrashes,
                resumes,
                resumedDecodes,
                repeated(steps, needed),
                failure,
                failure.isEmpty() ? -1 : first + done - 1);
    }

    private static double repeated(long steps, long needed) {
        return needed == 0 ? 0 : 100.0 * (steps - needed) / needed;
    }
}
