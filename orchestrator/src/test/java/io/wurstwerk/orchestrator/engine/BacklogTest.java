package io.wurstwerk.orchestrator.engine;

import static io.wurstwerk.orchestrator.engine.Samples.NOW;
import static io.wurstwerk.orchestrator.engine.Samples.entry;
import static io.wurstwerk.orchestrator.engine.Samples.id;
import static org.assertj.core.api.Assertions.assertThat;

import io.wurstwerk.orchestrator.job.JobEntry;
import io.wurstwerk.orchestrator.job.Priority;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class BacklogTest {
    private static final Duration AGEING = Duration.ofMinutes(5);
    private final Backlog backlog = new Backlog(AGEING);

    @Test
    void higherPrioritiesGoFirstAndOlderJobsWithinATenant() {
        add(1, "a", Priority.LOW, 1, NOW);
        add(2, "a", Priority.NORMAL, 1, NOW);
        add(3, "a", Priority.NORMAL, 1, NOW);
        add(4, "a", Priority.HIGH, 1, NOW);
        assertThat(order(NOW)).containsExactly(4L, 2L, 3L, 1L);
        assertThat(backlog.size()).isZero();
        assertThat(backlog.next(NOW)).isEmpty();
        assertThat(backlog.oldest()).isEmpty();
    }

    @Test
    void aJobIsInLineOnceAndCanLeave() {
        add(1, "a", Priority.NORMAL, 1, NOW);
        add(1, "a", Priority.NORMAL, 1, NOW);
        add(2, "a", Priority.NORMAL, 1, NOW.plusSeconds(1));
        assertThat(backlog.size()).isEqualTo(2);
        assertThat(backlog.oldest()).hasValue(NOW);
        backlog.remove(id(1));
        backlog.remove(id(1));
        assertThat(backlog.oldest()).hasValue(NOW.plusSeconds(1));
        assertThat(order(NOW)).containsExactly(2L);
    }

    @Test
    void aJobOfAQuietTenantIsNextWhileAnotherHasTenThousandQueued() {
        flood(10_000, NOW);
        drain(100, NOW);
        add(20_000, "quiet", Priority.NORMAL, 1, NOW);
        assertThat(turnsUntil(20_000, NOW)).isEqualTo(1);
    }

    @Test
    void theQuietTenantNeedNotWaitEitherWhenTheFloodHasGrownOld() {
        flood(10_000, NOW);
        Instant later = NOW.plus(AGEING.multipliedBy(7));
        drain(100, later);
        add(20_000, "quiet", Priority.NORMAL, 1, later);
        assertThat(turnsUntil(20_000, later)).isEqualTo(1);
    }

    @Test
    void oneDearJobLongAgoDoesNotLetAFloodOfCheapOnesGoFirst() {
        add(20_001, "dear", Priority.NORMAL, 1_000, NOW);
        drain(1, NOW);
        flood(10_000, NOW);
        drain(5, NOW);
        add(20_000, "quiet", Priority.NORMAL, 1, NOW);
        assertThat(turnsUntil(20_000, NOW)).isEqualTo(1);
    }

    @Test
    void tenantsShareByCostNotByNumber() {
        for (int i = 0; i < 40; i++) {
            add(i, "cheap", Priority.NORMAL, 1, NOW);
            add(100 + i, "dear", Priority.NORMAL, 4, NOW);
        }
        List<Long> first = order(NOW).subList(0, 25);
        assertThat(first.stream().filter(offset -> offset < 100)).hasSize(20);
    }

    @Test
    void aTenantThatSendsOneDearJobAfterTheOtherPaysForEachBeforeTheNext() {
        flood(1_000, NOW);
        add(20_000, "one-by-one", Priority.NORMAL, 10, NOW);
        turnsUntil(20_000, NOW);
        add(20_001, "one-by-one", Priority.NORMAL, 10, NOW);
        assertThat(turnsUntil(20_001, NOW)).isEqualTo(11);
    }

    @Test
    void whatHasWaitedLongEnoughTakesTurnsWithHigherPriorities() {
        add(1, "a", Priority.LOW, 1, NOW);
        Instant later = NOW.plus(AGEING.multipliedBy(2));
        for (int i = 10; i < 20; i++) {
            add(i, "b", Priority.HIGH, 1, later);
        }
        assertThat(backlogBefore(later.minusSeconds(1))).isEqualTo(10L);
        assertThat(order(later).subList(0, 2)).containsExactly(1L, 11L);
    }

    @Test
    void anAgedFloodDoesNotShutOutAHighPriority() {
        flood(1_000, NOW);
        Instant later = NOW.plus(AGEING.multipliedBy(100));
        drain(10, later);
        add(20_000, "a", Priority.HIGH, 1, later);
        assertThat(turnsUntil(20_000, later)).isEqualTo(1);
        add(20_001, "a", Priority.HIGH, 1, later);
        assertThat(turnsUntil(20_001, later)).isEqualTo(2);
    }

    @Test
    void aTenantThatWasIdleForADayGetsItsShareAndNoMore() {
        add(30_000, "idle", Priority.NORMAL, 1, NOW);
        flood(2_000, NOW);
        drain(1_001, NOW);
        Instant later = NOW.plus(Duration.ofDays(1));
        for (int i = 0; i < 100; i++) {
            add(20_000 + i, "idle", Priority.NORMAL, 1, later);
        }
        List<Long> next = order(later).subList(0, 100);
        assertThat(next).filteredOn(offset -> offset >= 20_000).hasSize(50);
        assertThat(next.subList(0, 2)).filteredOn(offset -> offset >= 20_000).hasSize(1);
    }

    @Test
    void tenantsThatComeForOneJobEachDoNotShutOutOneThatHasTwo() {
        add(1, "steady", Priority.NORMAL, 1, NOW);
        add(2, "steady", Priority.NORMAL, 1, NOW);
        int turns = 0;
        for (int i = 100; turns < 1_000; i++) {
            // There is always somebody new.
            add(i, "visitor " + i, Priority.NORMAL, 1, NOW);
            add(10_000 + i, "visitor " + (10_000 + i), Priority.NORMAL, 1, NOW);
            turns++;
            if (backlog.next(NOW).orElseThrow().offset() == 2) {
                break;
            }
        }
        // After those who came before its turn could be paid, and before all who came later.
        assertThat(turns).isEqualTo(10);
    }

    @Test
    void nothingIsKeptOfTenantsThatHaveGone() {
        for (int i = 0; i < 1_000; i++) {
            add(i, "visitor " + i, Priority.NORMAL, 1 + i % 7, NOW);
            add(2_000 + i, "cancelled " + i, Priority.LOW, 1, NOW);
            backlog.remove(id(2_000 + i));
            if (i % 10 > 0) {
                drain(1, NOW);
            }
        }
        assertThat(backlog.tenants()).isEqualTo(100);
        drain(100, NOW);
        assertThat(backlog.tenants()).isZero();
    }

    @Test
    void aQuietTenantsDearJobWaitsForNoMoreWorkThanItsOwn() {
        flood(1_000, NOW);
        drain(100, NOW);
        add(20_000, "quiet", Priority.NORMAL, 4, NOW);
        assertThat(turnsUntil(20_000, NOW)).isEqualTo(4);
    }

    private long backlogBefore(Instant now) {
        return backlog.next(now).orElseThrow().offset();
    }

    private void flood(int count, Instant at) {
        for (int i = 0; i < count; i++) {
            add(i, "flood", Priority.NORMAL, 1, at);
        }
    }

    private void drain(int count, Instant now) {
        for (int i = 0; i < count; i++) {
            assertThat(backlog.next(now)).isPresent();
        }
    }

    private int turnsUntil(long offset, Instant now) {
        for (int turns = 1; ; turns++) {
            if (backlog.next(now).orElseThrow().offset() == offset) {
                return turns;
            }
        }
    }

    private void add(int number, String tenant, Priority priority, double cost, Instant at) {
        backlog.add(entry(number, tenant, priority, cost, at));
    }

    private List<Long> order(Instant now) {
        List<Long> order = new ArrayList<>();
        while (backlog.size() > 0) {
            order.add(backlog.next(now).map(JobEntry::offset).orElseThrow());
        }
        return order;
    }
}
