package io.wurstwerk.orchestrator.tenancy;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * How much each tenant may ask for: so many submissions a minute as a mean, of which a minute's worth may come at once,
 * and so many open jobs. Thread-safe.
 */
public final class Quotas {

    private static final int REMEMBERED = 10_000;
    private static final double MINUTE = 60e9;

    private final int openJobs;
    private final int perMinute;
    private final Clock clock;

    /** The tenants that came last. A forgotten one starts with a full minute, which costs others nothing. */
    private final Map<String, Allowance> allowances = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Allowance> eldest) {
            return size() > REMEMBERED;
        }
    };

    private record Allowance(double submissions, Instant at) {}

    public Quotas(int openJobs, int perMinute, Clock clock) {
        if (openJobs < 1 || perMinute < 1) {
            throw new IllegalArgumentException(
                    "wurstwerk.tenants.open-jobs and wurstwerk.tenants.submissions-per-minute must be at least 1: "
                            + openJobs + ", " + perMinute);
        }
        this.openJobs = openJobs;
        this.perMinute = perMinute;
        this.clock = clock;
    }

    /** Most jobs of one tenant that owe an answer. */
    public int openJobs() {
        return openJobs;
    }

    /** Counts a submission. When it is one too many, says how long to wait for the next. */
    public synchronized Optional<Duration> submit(String tenant) {
        Instant now = clock.instant();
        Allowance last = allowances.getOrDefault(tenant, new Allowance(perMinute, now));
        double passed = Math.max(0, Duration.between(last.at(), now).toNanos());
        double left = Math.min(perMinute, last.submissions() + passed * perMinute / MINUTE);
        if (left >= 1) {
            allowances.put(tenant, new Allowance(left - 1, now));
            return Optional.empty();
        }
        allowances.put(tenant, new Allowance(left, now));
        return Optional.of(Duration.ofNanos((long) Math.ceil((1 - left) * MINUTE / perMinute)));
    }
}
