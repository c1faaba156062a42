package io.wurstwerk.orchestrator.store;

import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.Dependent;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import jakarta.interceptor.Interceptor;

/** Gives the framework the store of the configuration. */
@Dependent
final class StoreBeans {

    @Produces
    @Singleton
    ImageStore store(StoreConfig config) {
        return new ImageStore(StoreSettings.of(config), ImageStore.Limits.DEFAULT);
    }

    /** Makes the store before anybody waits for a broker, so that a wrong setting is told at once. */
    void check(@Observes @Priority(Interceptor.Priority.PLATFORM_BEFORE - 1) StartupEvent starting, ImageStore store) {}

    void close(@Disposes ImageStore store) {
        store.close();
    }
}
