package io.wurstwerk.orchestrator.job;

import static java.util.Objects.requireNonNull;

/**
 * Who asked: the tenant and the CloudEvents identity of the prompt event. Two events of one origin are the same wish.
 *
 * @param tenant the tenant's name, {@value #DEFAULT_TENANT} when the event names none
 * @param source the CloudEvents {@code source}
 * @param id the CloudEvents {@code id}, unique within the source
 */
public record Origin(String tenant, String source, String id) {

    public static final String DEFAULT_TENANT = "default";

    public Origin {
        requireNonNull(tenant, "tenant");
        requireNonNull(source, "source");
        requireNonNull(id, "id");
    }

    /** The origin of a record that does not say who sent it: its place in the log is its identity. */
    public static Origin ofRecord(String topic, int partition, long offset) {
        return new Origin(DEFAULT_TENANT, "kafka:" + topic, partition + "-" + offset);
    }
}
