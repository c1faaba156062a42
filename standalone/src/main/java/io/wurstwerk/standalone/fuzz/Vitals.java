package io.wurstwerk.standalone.fuzz;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Locale;

/**
 * What this process holds.
 *
 * @param heap bytes in use after a collection
 * @param threads of the platform
 * @param files open files and sockets; zero where the system does not tell
 */
record Vitals(long heap, int threads, long files) {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final long HEAP_MARGIN = 96L << 20;
    private static final int THREADS_MARGIN = 12;
    private static final int FILES_MARGIN = 24;

    static Vitals now() {
        System.gc();
        long files = ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
                ? unix.getOpenFileDescriptorCount()
                : 0;
        return new Vitals(
                ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed(),
                ManagementFactory.getThreadMXBean().getThreadCount(),
                files);
    }

    /**
     * Waits until no more is held than before, but for a margin: pools fill, and topics grow.
     *
     * @throws Finding when more stays
     */
    Vitals awaitReturn() throws Finding, InterruptedException {
        long limit = System.nanoTime() + PATIENCE.toNanos();
        Vitals now = now();
        while (!now.within(this)) {
            if (System.nanoTime() > limit) {
                throw new Finding("this is held after the junk: " + now + ", and this was before: " + this);
            }
            Thread.sleep(500);
            now = now();
        }
        return now;
    }

    private boolean within(Vitals before) {
        return heap <= before.heap + HEAP_MARGIN
                && threads <= before.threads + THREADS_MARGIN
                && files <= before.files + FILES_MARGIN;
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "heap %d MiB, %d threads, %d files", heap >> 20, threads, files);
    }
}
