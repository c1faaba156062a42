package io.wurstwerk.orchestrator.job;

import java.util.List;

/** At which timesteps a stage denoises, as the request said it. */
public sealed interface Schedule {

    /** Steps of {@code DEFAULT_STAGE_C_TIMESTEPS}. */
    int STANDARD_STEPS = 29;

    /** How many times the stage's model is asked. */
    default int steps() {
        return switch (this) {
            case Standard _ -> STANDARD_STEPS;
            case Linear(int count) -> count;
            case Listed(List<Double> values) -> values.size() - 1;
        };
    }

    /** The stage's own default list. */
    record Standard() implements Schedule {}

    /** Evenly spaced steps. */
    record Linear(int count) implements Schedule {}

    /** Named values, strictly decreasing in [0,1], the last one 0. */
    record Listed(List<Double> timesteps) implements Schedule {
        public Listed {
            timesteps = List.copyOf(timesteps);
        }
    }
}
