package io.wurstwerk.orchestrator.job;

/**
 * What a job has been through. A crash counts against the job only if no checkpoint was written since the one before:
 * who makes progress is not the one that kills.
 *
 * @param started how often work on the job began
 * @param crashes ends of a process or lane while it worked on the job, in a row, without a new checkpoint between
 * @param progress steps in checkpoints when the last crash was counted
 */
public record Attempts(int started, int crashes, int progress) {
    public static final Attempts NONE = new Attempts(0, 0, 0);

    private static final int SUSPICIOUS = 2;
    private static final int TOO_MANY = 3;

    public Attempts start() {
        return new Attempts(started + 1, crashes, progress);
    }

    /** @param checkpointed steps that are in checkpoints now */
    public Attempts crash(int checkpointed) {
        return new Attempts(started, checkpointed > progress ? 1 : crashes + 1, checkpointed);
    }

    /**
     * A lane ended while it worked on the job.
     *
     * @param disproved crashes so far that were not the job's doing: it went on beyond where it stood at them
     * @param checkpointed steps that are in checkpoints now
     */
    public Attempts laneCrash(int disproved, int checkpointed) {
        return new Attempts(started, acquit(disproved).crashes + 1, Math.max(progress, checkpointed));
    }

    /** @param disproved crashes that were not the job's doing */
    public Attempts acquit(int disproved) {
        return new Attempts(started, Math.max(0, crashes - disproved), progress);
    }

    /** Whether the job may be what kills: it runs alone then, so that nobody else is hit. */
    public boolean suspicious() {
        return crashes >= SUSPICIOUS;
    }

    /** Whether the job has killed often enough to be given up. */
    public boolean exhausted() {
        return crashes >= TOO_MANY;
    }
}
