package io.wurstwerk.orchestrator.studio;

import io.wurstwerk.orchestrator.store.ImageStore;
import jakarta.enterprise.context.Dependent;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/** Gives the framework the archive of answers. */
@Dependent
final class ArchiveBeans {

    @Produces
    @Singleton
    StoreArchive archive(ImageStore store) {
        return new StoreArchive(store);
    }

    void close(@Disposes StoreArchive archive) {
        archive.close();
    }
}
