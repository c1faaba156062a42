package io.wurstwerk.orchestrator;

import jakarta.enterprise.context.Dependent;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.random.RandomGenerator;

/** Time and chance, the only two that come from outside and are not configured. */
@Dependent
final class Sources {

    @Produces
    @Singleton
    Clock clock() {
        return Clock.systemUTC();
    }

    @Produces
    @Singleton
    RandomGenerator random() {
        return new SecureRandom();
    }
}
