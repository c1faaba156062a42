package io.wurstwerk.standalone.command;

import com.fasterxml.jackson.databind.JsonNode;

/** What is heard of a job. */
sealed interface News {
    String jobId();

    /** @param event data of a progress event */
    record Step(String jobId, JsonNode event) implements News {}

    record End(Outcome outcome) implements News {
        @Override
        public String jobId() {
            return outcome.jobId();
        }
    }
}
