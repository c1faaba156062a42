package io.wurstwerk.worker.contract;

/**
 * One thing a client may do, and what it sees.
 *
 * @param name what is done
 * @param observation does it
 */
record ContractCase(String name, Observation observation) {
    /** Does something with a server and writes down what came of it, without what differs from run to run. */
    interface Observation {
        String observe(Conversation server) throws Exception;
    }

    @Override
    public String toString() {
        return name;
    }
}
