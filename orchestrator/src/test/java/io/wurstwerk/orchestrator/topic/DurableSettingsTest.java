package io.wurstwerk.orchestrator.topic;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Optional;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DurableSettingsTest {

    @ParameterizedTest
    @CsvSource({
        "mp.messaging.outgoing.submissions.acks, 1, all",
        "mp.messaging.outgoing.submissions.acks, 0, all",
        "mp.messaging.outgoing.submissions.enable.idempotence, false, true",
        "mp.messaging.incoming.prompts.auto.offset.reset, latest, earliest",
        "mp.messaging.incoming.prompts.auto.offset.reset, none, earliest",
        "mp.messaging.incoming.prompts.isolation.level, read_uncommitted, read_committed",
        "mp.messaging.incoming.prompts.commit-strategy, latest, throttled",
        "mp.messaging.incoming.prompts.commit-strategy, ignore, throttled",
        "mp.messaging.incoming.prompts.failure-strategy, ignore, fail",
        "mp.messaging.incoming.prompts.failure-strategy, delayed-retry-topic, fail",
        "mp.messaging.incoming.prompts.enable.auto.commit, true, false",
    })
    void aSettingThatLosesPromptsIsRefusedByNameAndWithTheRightOne(String key, String value, String right) {
        assertThatThrownBy(
                        () -> DurableSettings.check(asked -> Optional.of(value).filter(_ -> asked.equals(key))))
                .isInstanceOf(TopicException.class)
                .hasMessageStartingWith(key + " is " + value + ", but must be " + right + ": ");
    }

    @Test
    void theApplicationsOwnSettingsAreSafe() {
        assertThatCode(() ->
                        DurableSettings.check(key -> ConfigProvider.getConfig().getOptionalValue(key, String.class)))
                .doesNotThrowAnyException();
        assertThatThrownBy(() -> DurableSettings.check(key -> Optional.of("ALL ")))
                .hasMessageContaining("idempotence");
    }
}
