package io.wurstwerk.orchestrator.fleet;

import io.smallrye.config.ConfigMapping;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/** What is known of the energy that pictures take. What is not given is not guessed. */
@ConfigMapping(prefix = "wurstwerk.cost")
public interface CostConfig {

    /**
     * The port of the model servers' metrics pages, at the hosts of their gRPC service: there the energy is read that
     * GPUs have used. When absent, nothing is read.
     */
    OptionalInt tritonMetricsPort();

    /** What a lane draws that does not say so itself. */
    OptionalDouble watts();

    /** CO2 equivalent of a kilowatt-hour where the lanes are. */
    OptionalDouble gramsPerKilowattHour();
}
