package io.wurstwerk.orchestrator.job;

import java.util.List;

/** At which timesteps a stage denoises, as the request said it. */
public sealed interface Schedule {

    /** The stage's own default list. */
    record Standard() implements Schedule {}

    /** Evenly spaced steps. */
    record Linear(int steps) implements Schedule {}

    /** Named values, strictly decreasing in [0,1], the last one 0. */
    record Listed(List<Double> timesteps) implements Schedule {
        public Listed {
            timesteps = List.copyOf(timesteps);
        }
    }
}
