package io.wurstwerk.orchestrator.fleet;

import java.util.OptionalDouble;

/** What lanes draw from the wall, as far as anybody says. */
@FunctionalInterface
public interface LanePower {
    LanePower UNKNOWN = endpoint -> OptionalDouble.empty();

    /** Watts of a lane that works; empty where nobody knows. Answers at once. */
    OptionalDouble watts(String endpoint);
}
