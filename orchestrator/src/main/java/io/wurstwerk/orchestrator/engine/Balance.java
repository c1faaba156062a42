package io.wurstwerk.orchestrator.engine;

/** The books of one ownership: every job that came is answered, is being answered, or owes its answer. */
final class Balance {
    private long came;
    private long answering;
    private long answered;

    /** Jobs were found in the journal or came with a submission. */
    void came(int jobs) {
        came += jobs;
    }

    /** An answer is on its way into the log. */
    void answering() {
        answering++;
    }

    /** An answer is durable. */
    void answered() {
        answering--;
        answered++;
    }

    /** @param owed jobs whose answer is still to be found */
    long unaccounted(int owed) {
        return came - answered - answering - owed;
    }
}
