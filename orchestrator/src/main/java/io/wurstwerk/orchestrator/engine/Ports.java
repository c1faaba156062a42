package io.wurstwerk.orchestrator.engine;

import io.wurstwerk.orchestrator.job.ImageOrder;
import io.wurstwerk.orchestrator.job.JobId;
import io.wurstwerk.orchestrator.job.JobState;
import io.wurstwerk.orchestrator.job.StoredImage;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the engine orders from the world. No order blocks; answers come back as {@link Event}s. Orders of a partition
 * carry the epoch of its ownership, and so do their answers.
 */
public interface Ports {

    /** The topics of a partition. */
    interface Log {
        /** Fences every earlier owner, then replays journal and checkpoints: {@link Event.Opened}. */
        void open(int partition, long epoch);

        /** Writes all records or none: {@link Event.Committed} or {@link Event.CommitFailed}. One at a time. */
        void commit(int partition, long epoch, long transaction, List<Entry> entries);

        /** Submissions before this offset need not be read again. Best effort. */
        void commitPosition(int partition, long epoch, long nextOffset);

        /** Best effort, outside of transactions. */
        void checkpoint(int partition, long epoch, String key, byte @Nullable [] value);

        /** Reads a submission again: {@link Event.Loaded}. */
        void load(int partition, long epoch, JobId job, long offset);

        /** Stops or resumes the delivery of new submissions. */
        void read(int partition, long epoch, boolean on);

        /** The partition is given up: {@link Event.Closed} when nothing of it is under way any more. */
        void close(int partition, long epoch);
    }

    /** What goes into a transaction. */
    sealed interface Entry {
        record Journal(JobId job, @Nullable JournalEntry entry) implements Entry {}

        /** @param trace where the job's trace stood before it was worked on; null for a job that nobody traces */
        record Answer(JobState.Terminal state, @Nullable String trace) implements Entry {}

        /** Deletes a checkpoint. */
        record Tombstone(String key) implements Entry {}

        /** A copy of the submission at an offset, for people to look at. */
        record Parked(JobId job, long offset, String reason) implements Entry {}
    }

    /** Where images are drawn. */
    interface Studio {
        /** Encodes the prompt on a lane and prepares an image, from noise or from latents: {@link Event.Stepped}. */
        void begin(ImageId image, String lane, String tenant, ImageOrder order, Optional<Checkpoint.Latents> from);

        /** Does the next step on a lane: {@link Event.Stepped}, {@link Event.Drawn} or {@link Event.Refused}. */
        void step(ImageId image, String lane, Canvas canvas);

        /** The answer to what was ordered last for the image is not wanted any more. */
        void abandon(ImageId image);
    }

    /** Where images are kept. */
    interface Gallery {
        /** Stores an image under its content's name: {@link Event.Kept} or {@link Event.Refused}. */
        void keep(ImageId image, String tenant, Picture picture);

        /** Says where anyone may read the object for a while. Asks nobody. */
        StoredImage sign(int index, StoredObject object);
    }

    Log log();

    Studio studio();

    Gallery gallery();
}
