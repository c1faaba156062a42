package io.wurstwerk.standalone.simulation;

/** A deliberate break of the protocol. A simulation that does not notice it proves nothing. */
public enum Mutation {
    NONE,
    /** A new owner does not stop the old one's transactions. */
    NO_FENCE,
    /** Submissions count as read before what came of them is in the journal. */
    OFFSET_BEFORE_JOURNAL,
    /** The images of a job share one checkpoint. */
    ONE_KEY_FOR_ALL_IMAGES,
    /** No checkpoint holds what Stage C has finished. */
    NO_CHECKPOINT_BEFORE_THE_DECODE,
    /** A replay goes on with latents of other models. */
    FOREIGN_CHECKPOINTS,
    /** A replay takes a job for open because a checkpoint of it is left. */
    CHECKPOINTS_OF_FINISHED_JOBS,
    /** A commit of unknown outcome is simply done again. */
    BLIND_SECOND_COMMIT,
    /** The engine cannot tell tenants apart, so that the older job always goes first. */
    FIRST_COME_FIRST_SERVED,
    /** A cancel is seen when the job has ended. */
    CANCEL_AT_JOB_END
}
