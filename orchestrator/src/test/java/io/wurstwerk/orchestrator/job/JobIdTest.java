package io.wurstwerk.orchestrator.job;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.wurstwerk.orchestrator.job.JobId.BodyHash;
import org.junit.jupiter.api.Test;

/** The vectors were computed with Python's hashlib, base64 and struct from the definition. */
class JobIdTest {

    @Test
    void idsAndSeedsEqualTheVectors() {
        assertJob("default", "urn:test", "1", "itf3dqy6nwhs5yqtlyyyabmwjde5a7mkna3ih2slfpcl75sfnj2a", 874361175L);
        assertJob(
                "acme",
                "https://example.com/ä",
                "id-7",
                "h2dfykq3j3f5uvf36l4cbmfrj5rphs42jlyaay2a5a3kdiovsa3a",
                2048460555L);
    }

    @Test
    void aRecordWithoutIdentityIsNamedByItsPlace() {
        Origin origin = Origin.ofRecord("wurstwerk.prompts", 3, 41);
        assertThat(origin).isEqualTo(new Origin("default", "kafka:wurstwerk.prompts", "3-41"));
        assertThat(JobId.of(origin).value()).isEqualTo("wgaopqtyxlher2l3qnhlzoysh2rcdov4pfwq6nnvoqmsisexmi6a");
    }

    @Test
    void movingALetterFromOnePartToTheNextGivesAnotherJob() {
        assertJob("a", "bc", "d", "6fosfhfztcclioz6xas5rbwg3h43xdwgknd4vdujbksqnt74dh5q", 2390873055L);
        assertJob("ab", "c", "d", "725s7rpcw7yi72x4lv5sq2e3e6z6o3zaxrkqhz2bsdijmq3f3e6q", 2937035089L);
    }

    @Test
    void aConflictIsNamedAfterTheJobAndTheOtherBody() {
        JobId job = JobId.of(new Origin("default", "urn:test", "1"));
        JobId conflict = job.conflictWith(BodyHash.of("png".getBytes(UTF_8)));
        assertThat(conflict.value()).isEqualTo(job + "-8f8cbb7dcf46e0bc");
        assertThat(new JobId(conflict.value())).isEqualTo(conflict);
    }

    @Test
    void whatIsNoIdIsRefused() {
        assertThatThrownBy(() -> new JobId("../etc/passwd")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new BodyHash("0123")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new BodyHash("A".repeat(64))).isInstanceOf(IllegalArgumentException.class);
    }

    private static void assertJob(String tenant, String source, String id, String job, long seed) {
        JobId actual = JobId.of(new Origin(tenant, source, id));
        assertThat(actual.value()).isEqualTo(job);
        assertThat(actual.derivedSeed()).isEqualTo(seed);
    }
}
