package io.wurstwerk.orchestrator.engine;

import io.wurstwerk.orchestrator.job.JobId;
import io.wurstwerk.orchestrator.job.JobId.BodyHash;
import java.util.LinkedHashMap;
import java.util.Map;

/** The jobs seen lately, by which repeated events are known. Holds a bounded number; the oldest go first. Thread-safe. */
final class JobIndex {

    private final Map<JobId, BodyHash> seen;

    JobIndex(int capacity) {
        this.seen = new LinkedHashMap<>() {
            @Override
            protected boolean removeEldestEntry(Map.Entry<JobId, BodyHash> eldest) {
                return size() > capacity;
            }
        };
    }

    /** What is known of a job when a submission for it arrives. */
    enum Sighting {
        FIRST,
        SAME_BODY,
        OTHER_BODY
    }

    synchronized Sighting see(JobId job, BodyHash body) {
        BodyHash known = seen.putIfAbsent(job, body);
        if (known == null) {
            return Sighting.FIRST;
        }
        return known.equals(body) ? Sighting.SAME_BODY : Sighting.OTHER_BODY;
    }

    /** The job was given up without an answer and may come again. */
    synchronized void forget(JobId job) {
        seen.remove(job);
    }
}
