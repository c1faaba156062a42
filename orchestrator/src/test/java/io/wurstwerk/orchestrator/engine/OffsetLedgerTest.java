package io.wurstwerk.orchestrator.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class OffsetLedgerTest {

    private final OffsetLedger ledger = new OffsetLedger();

    @Test
    void nothingReadIsNothingToCommit() {
        assertThat(ledger.committable()).isEmpty();
    }

    @Test
    void aLaterJobThatFinishesFirstIsNotCommitted() {
        begin(5, 6, 7);
        ledger.finished(6);
        ledger.finished(7);
        assertThat(ledger.committable()).isEmpty();
        ledger.finished(5);
        assertThat(ledger.committable()).hasValue(8);
    }

    @Test
    void thePositionIsTheFirstUnfinished() {
        begin(5, 6, 9);
        ledger.finished(5);
        ledger.finished(6);
        assertThat(ledger.committable()).hasValue(9);
    }

    @Test
    void whatIsCommittedIsNotCommittedAgain() {
        begin(5, 6);
        ledger.finished(5);
        ledger.committed(ledger.committable().orElseThrow());
        assertThat(ledger.committable()).isEmpty();
        ledger.finished(6);
        assertThat(ledger.committable()).hasValue(7);
    }

    private void begin(long... offsets) {
        for (long offset : offsets) {
            ledger.began(offset);
        }
    }
}
