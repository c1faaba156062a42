package io.wurstwerk.orchestrator.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.wurstwerk.orchestrator.engine.JobIndex.Sighting;
import io.wurstwerk.orchestrator.job.JobId;
import io.wurstwerk.orchestrator.job.JobId.BodyHash;
import io.wurstwerk.orchestrator.job.Origin;
import org.junit.jupiter.api.Test;

class JobIndexTest {

    private static final BodyHash BODY = BodyHash.of(new byte[] {1});
    private static final BodyHash OTHER = BodyHash.of(new byte[] {2});

    private final JobIndex index = new JobIndex(2);

    @Test
    void aRepeatedBodyIsKnownAndAnotherOneIsSeenToDiffer() {
        assertThat(index.see(job("1"), BODY)).isEqualTo(Sighting.FIRST);
        assertThat(index.see(job("1"), BODY)).isEqualTo(Sighting.SAME_BODY);
        assertThat(index.see(job("1"), OTHER)).isEqualTo(Sighting.OTHER_BODY);
    }

    @Test
    void theOldestIsDroppedWhenTheIndexIsFull() {
        index.see(job("1"), BODY);
        index.see(job("2"), BODY);
        index.see(job("3"), BODY);
        assertThat(index.see(job("2"), BODY)).isEqualTo(Sighting.SAME_BODY);
        assertThat(index.see(job("1"), BODY)).isEqualTo(Sighting.FIRST);
    }

    @Test
    void anAbandonedJobMayComeAgain() {
        index.see(job("1"), BODY);
        index.forget(job("1"));
        assertThat(index.see(job("1"), BODY)).isEqualTo(Sighting.FIRST);
    }

    private static JobId job(String id) {
        return JobId.of(new Origin("default", "urn:test", id));
    }
}
