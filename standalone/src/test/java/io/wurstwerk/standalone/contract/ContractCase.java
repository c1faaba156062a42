package io.wurstwerk.standalone.contract;

/**
 * One thing that this project relies on, and what is seen of it.
 *
 * @param name what is done
 * @param observation does it
 */
record ContractCase<S>(String name, Observation<S> observation) {
    /** Does something with a part and writes down what came of it, without what differs from run to run. */
    interface Observation<S> {
        String observe(S part) throws Exception;
    }
}
