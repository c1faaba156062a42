package io.wurstwerk.orchestrator.tenancy;

import static org.assertj.core.api.Assertions.assertThat;

import io.wurstwerk.orchestrator.tenancy.ApiKeysTest.MovedClock;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class QuotasTest {

    private final MovedClock clock = new MovedClock();
    private final Quotas quotas = new Quotas(10, 6, clock);

    @Test
    void aMinutesWorthMayComeAtOnceAndThenOneAtATime() {
        for (int i = 0; i < 6; i++) {
            assertThat(quotas.submit("acme")).isEmpty();
        }
        assertThat(quotas.submit("acme")).contains(Duration.ofSeconds(10));
        assertThat(quotas.submit("bolt")).isEmpty();
        clock.move(Duration.ofSeconds(4));
        assertThat(quotas.submit("acme")).contains(Duration.ofSeconds(6));
        clock.move(Duration.ofSeconds(6));
        assertThat(quotas.submit("acme")).isEmpty();
        assertThat(quotas.submit("acme")).contains(Duration.ofSeconds(10));
        clock.move(Duration.ofHours(1));
        for (int i = 0; i < 6; i++) {
            assertThat(quotas.submit("acme")).isEmpty();
        }
        assertThat(quotas.submit("acme")).isPresent();
    }
}
