package io.wurstwerk.orchestrator.view;

import io.wurstwerk.orchestrator.job.JobId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.common.TopicPartition;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.MVStoreException;
import org.h2.mvstore.type.ByteArrayDataType;
import org.h2.mvstore.type.StringDataType;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The view on disk: jobs by id, by tenant and time, and by time alone; which of them are open; and up to where each
 * topic has been read. Positions are written after what they cover, so a file that lags behind only makes records be
 * read twice. A file that cannot be read is thrown away. One writer; any number of readers.
 */
final class ViewStore implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(ViewStore.class);
    private static final String VERSION = "1";
    private static final char END = '\0';

    private final MVStore store;
    private final MVMap<String, byte[]> jobs;
    private final MVMap<String, String> recent;
    private final MVMap<String, String> ages;
    private final MVMap<String, String> open;
    private final MVMap<String, String> positions;

    private ViewStore(MVStore store) {
        this.store = store;
        this.jobs = store.openMap(
                "jobs",
                new MVMap.Builder<String, byte[]>()
                        .keyType(StringDataType.INSTANCE)
                        .valueType(ByteArrayDataType.INSTANCE));
        this.recent = strings("recent");
        this.ages = strings("ages");
        this.open = strings("open");
        this.positions = strings("positions");
    }

    /**
     * Opens the view in a folder of its own, empty where nothing usable is there.
     *
     * @param cacheMegabytes of pages kept in memory
     */
    static ViewStore open(Path folder, int cacheMegabytes) {
        Path file = folder.resolve("jobs.mv");
        try {
            Files.createDirectories(folder);
            try {
                return opened(file, cacheMegabytes);
            } catch (MVStoreException | IllegalStateException damaged) {
                LOG.warnf("the view in %s cannot be read and is built anew: %s", file, damaged.getMessage());
                Files.deleteIfExists(file);
                return opened(file, cacheMegabytes);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the view cannot be kept in wurstwerk.view.folder, " + folder, e);
        }
    }

    private static ViewStore opened(Path file, int cacheMegabytes) {
        MVStore store = new MVStore.Builder()
                .fileName(file.toString())
                .cacheSize(cacheMegabytes)
                .autoCommitBufferSize(1024)
                .open();
        MVMap<String, String> meta = store.openMap("meta", stringMap());
        String version = meta.get("version");
        if (version == null) {
            meta.put("version", VERSION);
        } else if (!version.equals(VERSION)) {
            store.closeImmediately();
            throw new IllegalStateException("it is of version " + version + ", not " + VERSION);
        }
        return new ViewStore(store);
    }

    Optional<ViewedJob> job(JobId id) {
        return Optional.ofNullable(jobs.get(id.value())).map(bytes -> ViewedJobBytes.read(id, bytes));
    }

    /** @param before what was kept of the job until now */
    void put(@Nullable ViewedJob before, ViewedJob now) {
        String id = now.id().value();
        String left = before == null ? null : recentKey(before);
        String place = recentKey(now);
        if (left != null && !left.equals(place)) {
            recent.remove(left);
        }
        if (place != null) {
            recent.put(place, id);
        }
        String age = before == null ? null : ageKey(before);
        if (age != null && !age.equals(ageKey(now))) {
            ages.remove(age);
        }
        ages.put(ageKey(now), id);
        if (now.ended() || now.tenant().isEmpty()) {
            open.remove(id);
        } else {
            open.put(id, "");
        }
        jobs.put(id, ViewedJobBytes.write(now));
    }

    void remove(ViewedJob job) {
        String place = recentKey(job);
        if (place != null) {
            recent.remove(place);
        }
        ages.remove(ageKey(job));
        open.remove(job.id().value());
        jobs.remove(job.id().value());
    }

    int size() {
        return jobs.size();
    }

    /** The job that has been there for the longest. */
    Optional<JobId> oldest() {
        return Optional.ofNullable(ages.firstKey()).map(ages::get).map(JobId::new);
    }

    List<JobId> open() {
        List<JobId> ids = new ArrayList<>();
        open.keyIterator(null).forEachRemaining(id -> ids.add(new JobId(id)));
        return ids;
    }

    /**
     * A tenant's jobs, newest first.
     *
     * @param after the {@link #cursor} of the last one before
     */
    List<JobId> recent(String tenant, @Nullable String after, int most) {
        String folder = tenant + END;
        String start = after == null ? folder : folder + after;
        Iterator<String> keys = recent.keyIterator(start);
        List<JobId> found = new ArrayList<>();
        while (keys.hasNext() && found.size() < most) {
            String key = keys.next();
            if (!key.startsWith(folder)) {
                break;
            }
            if (!key.equals(start)) {
                found.add(new JobId(key.substring(folder.length() + 16)));
            }
        }
        return found;
    }

    /** Where a job stands in its tenant's list. */
    static String cursor(ViewedJob job) {
        return String.format("%016x", Long.MAX_VALUE - job.since().toEpochMilli()) + job.id();
    }

    /** The next offset to read of a partition; -1 when none of it was read. */
    long position(TopicPartition partition) {
        String known = positions.get(partition.toString());
        return known == null ? -1 : Long.parseLong(known);
    }

    void position(TopicPartition partition, long next) {
        positions.put(partition.toString(), Long.toString(next));
    }

    @Override
    public void close() {
        store.close();
    }

    private static @Nullable String recentKey(ViewedJob job) {
        return job.tenant().map(tenant -> tenant + END + cursor(job)).orElse(null);
    }

    private static String ageKey(ViewedJob job) {
        return ageKey(job.since()) + job.id();
    }

    private static String ageKey(Instant time) {
        return String.format("%016x", Math.max(0, time.toEpochMilli()));
    }

    private MVMap<String, String> strings(String name) {
        return store.openMap(name, stringMap());
    }

    private static MVMap.Builder<String, String> stringMap() {
        return new MVMap.Builder<String, String>()
                .keyType(StringDataType.INSTANCE)
                .valueType(StringDataType.INSTANCE);
    }
}
