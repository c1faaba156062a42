package io.wurstwerk.orchestrator.engine;

import io.wurstwerk.orchestrator.job.Failure;
import io.wurstwerk.orchestrator.job.JobId;
import io.wurstwerk.orchestrator.job.JobState.Dependency;
import io.wurstwerk.orchestrator.job.Submission;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the world tells the engine. */
public sealed interface Event {

    /**
     * A model server is ready, for the first time or again. Nothing is opened before the first such event.
     *
     * @param lane names the server
     * @param pipeline fingerprint of its models: what one pipeline has begun, no other may go on with
     * @param room calls that this process may have under way on it at once, at least one
     */
    record LaneReady(String lane, String pipeline, int room) implements Event {}

    /** A model server does not answer, or says that it is not ready. */
    record LaneAway(String lane) implements Event {}

    /** A model server is no longer one of this process's lanes. What is under way on it may end. */
    record LaneGone(String lane) implements Event {}

    /** The group has given this process the partition. */
    record Assigned(int partition) implements Event {}

    /** The partition is about to go to another owner, or the process is about to stop: come to rest. */
    record Released(int partition) implements Event {}

    /** The partition has gone to another owner already. */
    record Lost(int partition) implements Event {}

    /**
     * The ownership is established and all that was written has been read.
     *
     * @param journal all of it; whoever handles the event may go on with it as its own
     * @param checkpoints every record in the order of the log, damaged ones too
     */
    record Opened(int partition, long epoch, Journal journal, List<Raw> checkpoints) implements Event {}

    /** A record of the checkpoints topic. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Raw(String key, byte[] value) {}

    record OpenFailed(int partition, long epoch) implements Event {}

    record Closed(int partition, long epoch) implements Event {}

    record Committed(int partition, long epoch, long transaction) implements Event {}

    /** @param fenced whether another owner is there for certain; else nobody knows if the records were written */
    record CommitFailed(int partition, long epoch, long transaction, boolean fenced) implements Event {}

    /** @param writtenAt the record's time */
    record Submitted(int partition, long epoch, long offset, Instant writtenAt, Submission submission)
            implements Event {}

    /** A record of the submissions topic that this version cannot read. */
    record Unintelligible(int partition, long epoch, long offset) implements Event {}

    record CancelAsked(int partition, long epoch, JobId job, Instant writtenAt) implements Event {}

    /** @param submission null when the offset is no longer in the log or cannot be read */
    record Loaded(
            int partition, long epoch, JobId job, @Nullable Submission submission) implements Event {}

    record Stepped(ImageId image, Canvas canvas) implements Event {}

    record Drawn(ImageId image, Picture picture) implements Event {}

    record Kept(ImageId image, StoredObject object) implements Event {}

    record Refused(ImageId image, Refusal refusal) implements Event {}

    /** Time has passed. */
    record Tick() implements Event {}

    /** Why an order was not carried out. */
    sealed interface Refusal {
        /** Nobody there: the job waits. */
        record Outage(Dependency dependency) implements Refusal {}

        /** The model server died while it had the call: the job waits, and may be what it died of. */
        record Crash() implements Refusal {}

        /** The model failed on this input: once more, then the job has failed. */
        record ModelError(String message) implements Refusal {}

        /** The result is not finite: once more, then the job has failed. */
        record NonFinite(String message) implements Refusal {}

        /** Another try will end alike: the job has failed. */
        record Impossible(Failure.Code code, String message) implements Refusal {
            /** The model will never take this input. */
            public Impossible(String message) {
                this(Failure.Code.MODEL_REJECTED, message);
            }
        }
    }
}
