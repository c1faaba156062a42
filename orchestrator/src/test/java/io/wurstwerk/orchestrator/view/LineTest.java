package io.wurstwerk.orchestrator.view;

import static org.assertj.core.api.Assertions.assertThat;

import io.wurstwerk.orchestrator.job.JobId;
import io.wurstwerk.orchestrator.job.Priority;
import io.wurstwerk.orchestrator.view.Line.Ahead;
import io.wurstwerk.orchestrator.view.Line.Place;
import org.junit.jupiter.api.Test;

class LineTest {

    private final Line line = new Line();

    @Test
    void tenantsTakeTurnsByTheCostOfTheirJobs() {
        line.put(waiting("acme", 1, Priority.NORMAL, 10));
        line.put(waiting("acme", 2, Priority.NORMAL, 10));
        line.put(waiting("acme", 3, Priority.NORMAL, 10));
        line.put(waiting("bolt", 4, Priority.NORMAL, 25));
        line.put(waiting("bolt", 5, Priority.NORMAL, 25));
        assertThat(ahead("acme", 1)).isEqualTo(new Ahead(0, 0));
        assertThat(ahead("bolt", 4)).isEqualTo(new Ahead(1, 10));
        assertThat(ahead("acme", 2)).isEqualTo(new Ahead(2, 35));
        assertThat(ahead("acme", 3)).isEqualTo(new Ahead(3, 45));
        assertThat(ahead("bolt", 5)).isEqualTo(new Ahead(4, 55));
    }

    @Test
    void higherPrioritiesGoFirstAndWhatIsDrawnCountsAsWorkOnly() {
        line.put(new Place(Told.id("acme", 1), "acme", Priority.LOW, 7, Told.NOW, false));
        line.put(waiting("acme", 2, Priority.LOW, 1));
        line.put(waiting("acme", 3, Priority.NORMAL, 2));
        line.put(waiting("acme", 4, Priority.HIGH, 4));
        assertThat(line.ahead(Told.id("acme", 1), Told.NOW)).isEmpty();
        assertThat(ahead("acme", 4)).isEqualTo(new Ahead(0, 7));
        assertThat(ahead("acme", 3)).isEqualTo(new Ahead(1, 11));
        assertThat(ahead("acme", 2)).isEqualTo(new Ahead(2, 13));
        assertThat(line.aheadOf(waiting("bolt", 9, Priority.NORMAL, 1))).isEqualTo(new Ahead(2, 13));
        assertThat(line.size()).isEqualTo(4);
        assertThat(line.size("acme")).isEqualTo(4);
        assertThat(line.meanCost()).isEqualTo(3.5);
    }

    @Test
    void whoLeavesMakesRoom() {
        line.put(waiting("acme", 1, Priority.NORMAL, 10));
        line.put(waiting("acme", 2, Priority.NORMAL, 10));
        assertThat(ahead("acme", 2)).isEqualTo(new Ahead(1, 10));
        line.remove(Told.id("acme", 1));
        line.remove(Told.id("acme", 1));
        assertThat(ahead("acme", 2)).isEqualTo(new Ahead(0, 0));
        assertThat(line.size("acme")).isEqualTo(1);
        assertThat(line.size("bolt")).isZero();
    }

    @Test
    void aLongLineIsPutInOrderOnceASecond() {
        for (int i = 0; i < 2_000; i++) {
            line.put(waiting("acme", i, Priority.NORMAL, 1));
        }
        JobId last = Told.id("acme", 1_999);
        assertThat(line.ahead(last, Told.NOW)).contains(new Ahead(1_999, 1_999));
        line.remove(Told.id("acme", 0));
        assertThat(line.ahead(last, Told.NOW.plusMillis(999))).contains(new Ahead(1_999, 1_999));
        assertThat(line.ahead(last, Told.NOW.plusMillis(1_000))).contains(new Ahead(1_998, 1_998));
    }

    private Ahead ahead(String tenant, int number) {
        return line.ahead(Told.id(tenant, number), Told.NOW).orElseThrow();
    }

    private static Place waiting(String tenant, int number, Priority priority, double cost) {
        JobId id = Told.id(tenant, number);
        return new Place(id, tenant, priority, cost, Told.NOW.plusSeconds(number), true);
    }
}
