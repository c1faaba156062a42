package io.wurstwerk.orchestrator.store;

import jakarta.enterprise.context.Dependent;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/** Gives the framework the store of the configuration. */
@Dependent
final class StoreBeans {

    @Produces
    @Singleton
    ImageStore store(StoreConfig config) {
        return new ImageStore(StoreSettings.of(config));
    }

    void close(@Disposes ImageStore store) {
        store.close();
    }
}
