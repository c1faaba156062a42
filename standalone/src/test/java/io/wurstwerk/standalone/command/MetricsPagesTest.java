package io.wurstwerk.standalone.command;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class MetricsPagesTest {
    private static final String PAGE = """
            # HELP jobs_seconds what it is
            # TYPE jobs_seconds summary
            jobs_seconds_count{state="a"} 2
            jobs_seconds_count{state="b"} 3.0
            jobs_seconds_sum 1.5E-3
            more_jobs_seconds_count 7
            """;

    @Test
    void aMetricIsSummedOverItsLabelsAndNoOtherIsTakenForIt() {
        assertThat(MetricsPages.sum(PAGE, "jobs_seconds_count")).isEqualTo(5);
        assertThat(MetricsPages.sum(PAGE, "jobs_seconds_sum")).isEqualTo(0.0015);
        assertThat(MetricsPages.sum(PAGE, "jobs_seconds")).isZero();
    }
}
