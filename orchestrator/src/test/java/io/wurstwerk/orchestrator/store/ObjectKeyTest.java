package io.wurstwerk.orchestrator.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.wurstwerk.orchestrator.job.JobId;
import io.wurstwerk.orchestrator.job.Origin;
import org.junit.jupiter.api.Test;

/** Vectors by Python's hmac and hashlib. */
class ObjectKeyTest {

    private static final JobId JOB = JobId.of(new Origin("acme", "urn:test", "1"));

    @Test
    void theKeyHasTenantJobIndexAndContent() {
        String sha256 = ObjectKey.sha256("png".getBytes(UTF_8));
        assertThat(sha256).isEqualTo("8f8cbb7dcf46e0bc7d53265749a6c17d116093a6ba95e442764060c76fd4a86c");
        assertThat(ObjectKey.of("secret", "acme", JOB, 3, sha256, "png"))
                .isEqualTo("v1/700f8a7107743894/" + JOB + "/3-" + sha256 + ".png");
    }

    @Test
    void anotherSecretHidesTheTenantElsewhere() {
        assertThat(ObjectKey.of("other", "acme", JOB, 0, "x", "png"))
                .isNotEqualTo(ObjectKey.of("secret", "acme", JOB, 0, "x", "png"));
    }

    @Test
    void aTenantsNameCannotLeaveItsFolder() {
        assertThat(ObjectKey.of("secret", "../../etc", JOB, 0, "x", "webp"))
                .matches("v1/[0-9a-f]{16}/[a-z2-7]{52}/0-x\\.webp");
    }
}
