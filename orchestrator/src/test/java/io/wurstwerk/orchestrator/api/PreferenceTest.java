package io.wurstwerk.orchestrator.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class PreferenceTest {

    @Test
    void aWaitIsFoundAmongOtherPreferences() {
        assertThat(Preference.ofWait(List.of("respond-async, wait=30"))).contains(Duration.ofSeconds(30));
        assertThat(Preference.ofWait(List.of("handling=lenient", " Wait = \"5\" ; foo=bar")))
                .contains(Duration.ofSeconds(5));
        assertThat(Preference.ofWait(List.of("wait=1, wait=2"))).contains(Duration.ofSeconds(1));
    }

    @Test
    void whatCannotBeReadIsIgnored() {
        for (String header : List.of("", "wait", "wait=", "wait=-1", "wait=1.5", "wait=9999999999", "waits=1", "=")) {
            assertThat(Preference.ofWait(List.of(header))).as(header).isEmpty();
        }
        assertThat(Preference.ofWait(List.of())).isEmpty();
    }
}
