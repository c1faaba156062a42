package io.wurstwerk.orchestrator.engine;

import static io.wurstwerk.orchestrator.engine.Samples.NOW;
import static io.wurstwerk.orchestrator.engine.Samples.id;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.wurstwerk.orchestrator.engine.Answered.Verdict;
import io.wurstwerk.orchestrator.job.JobId;
import io.wurstwerk.orchestrator.job.JobId.BodyHash;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class AnsweredTest {
    private static final BodyHash ONE = BodyHash.of(new byte[] {1});
    private static final BodyHash TWO = BodyHash.of(new byte[] {2});

    private final Answered answered = new Answered();

    @Test
    void itSaysWhatAMapWouldSayWhateverIsAddedRemovedAndForgotten() {
        Random random = new Random(1);
        Map<JobId, BodyHash> map = new LinkedHashMap<>();
        int most = 0;
        for (int i = 0; i < 60_000; i++) {
            JobId job =
                    random.nextInt(10) == 0 ? id(random.nextInt(8_000)).conflictWith(ONE) : id(random.nextInt(8_000));
            BodyHash body = job.value().length() > 52 || random.nextBoolean() ? ONE : TWO;
            BodyHash known = map.get(job);
            assertThat(answered.contains(job)).isEqualTo(known != null);
            assertThat(answered.verdict(job, body))
                    .isEqualTo(
                            known == null
                                    ? Verdict.UNKNOWN
                                    : known.equals(body) ? Verdict.SAME_BODY : Verdict.OTHER_BODY);
            // It grows for the first half and shrinks for the second.
            if (known == null && random.nextInt(40_000) > i - 10_000) {
                map.put(job, body);
                answered.add(job, body, NOW);
            } else if (random.nextInt(3) == 0) {
                map.remove(job);
                answered.remove(job);
            } else if (i > 20_000) {
                Optional<JobId> first = map.keySet().stream().findFirst();
                assertThat(answered.removeFirst(NOW.plus(Duration.ofHours(1)))).isEqualTo(first);
                first.ifPresent(map::remove);
            }
            assertThat(answered.size()).isEqualTo(map.size());
            most = Math.max(most, map.size());
        }
        assertThat(most).as("several blocks were filled").isGreaterThan(3 * 1_024);
    }

    @Test
    void namesComeBackWholeAndNamesThatDifferInTheirLastBitAreTwo() {
        String start = id(1).value().substring(0, 51);
        for (String end : new String[] {"a", "b", "q", "7", "a-0000000000000000", "a-00000000000000ff"}) {
            JobId job = new JobId(start + end);
            assertThat(CompactName.of(job).job()).isEqualTo(job);
            assertThat(answered.contains(job)).isFalse();
            answered.add(job, ONE, NOW);
        }
        assertThat(answered.size()).isEqualTo(6);
        for (int i = 0; i < 1_000; i++) {
            assertThat(CompactName.of(id(i)).job()).isEqualTo(id(i));
            assertThat(CompactName.of(id(i).conflictWith(TWO)).job()).isEqualTo(id(i).conflictWith(TWO));
        }
    }

    @Test
    void anAnswerIsForgottenInItsMinuteOrTheNextAndNeverBeforeItsTime() {
        Instant odd = NOW.plusMillis(30_001);
        answered.add(id(1), ONE, odd);
        answered.add(id(2), ONE, odd.plus(Duration.ofDays(1)));
        assertThat(answered.removeFirst(odd)).isEmpty();
        assertThat(answered.removeFirst(odd.plusSeconds(60))).contains(id(1));
        assertThat(answered.removeFirst(odd.plus(Duration.ofHours(23)))).isEmpty();
        assertThat(answered.removeFirst(odd.plus(Duration.ofDays(2)))).contains(id(2));
        assertThat(answered.removeFirst(odd.plus(Duration.ofDays(2)))).isEmpty();
    }

    @Test
    void timesBeforeAndFarBehindTheYearsThatFitAreKept() {
        answered.add(id(1), ONE, Instant.EPOCH);
        answered.add(id(2), ONE, Instant.parse("9999-01-01T00:00:00Z"));
        assertThat(answered.removeFirst(NOW)).contains(id(1));
        assertThat(answered.removeFirst(NOW)).isEmpty();
    }

    @Test
    void nobodyIsAnsweredTwice() {
        answered.add(id(1), ONE, NOW);
        assertThatThrownBy(() -> answered.add(id(1), TWO, NOW))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining(id(1).value());
    }
}
