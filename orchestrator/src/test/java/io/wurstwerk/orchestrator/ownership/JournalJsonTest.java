package io.wurstwerk.orchestrator.ownership;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.wurstwerk.orchestrator.engine.JournalEntry;
import io.wurstwerk.orchestrator.job.Attempts;
import io.wurstwerk.orchestrator.job.JobEntry;
import io.wurstwerk.orchestrator.job.JobId;
import io.wurstwerk.orchestrator.job.JobId.BodyHash;
import io.wurstwerk.orchestrator.job.JobState;
import io.wurstwerk.orchestrator.job.JobState.Dependency;
import io.wurstwerk.orchestrator.job.Origin;
import io.wurstwerk.orchestrator.job.Priority;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JournalJsonTest {
    private static final String TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    private static final Instant NOW = Instant.parse("2030-01-01T00:00:00.123Z");
    private static final JobId JOB = JobId.of(new Origin("default", "urn:test", "1"));
    private static final BodyHash BODY = BodyHash.of(new byte[] {1});

    @Test
    void everyStateComesBackAsItWas() {
        List<JournalEntry> entries = new ArrayList<>(List.of(new JournalEntry.CancelledUnseen(NOW)));
        for (Priority priority : Priority.values()) {
            var job = new JobEntry(JOB, BODY, "tenant \"1\"", priority, 8, 1.25e9, NOW, NOW.plusSeconds(9), 1L << 40);
            var accepted = new JobState.Accepted(job, new Attempts(3, 2, 17));
            entries.add(new JournalEntry.Open(accepted));
            entries.add(new JournalEntry.Open(accepted.start()));
            for (Dependency dependency : Dependency.values()) {
                entries.add(new JournalEntry.Open(accepted.start().await(dependency)));
            }
        }
        assertThat(entries)
                .allSatisfy(entry -> assertThat(JournalJson.read(JOB, JournalJson.write(entry)))
                        .isEqualTo(entry));
    }

    @Test
    void anAnswerTakesAtMost300BytesInTheJournal() {
        for (Class<?> state : JobState.Terminal.class.getPermittedSubclasses()) {
            var closed = new JournalEntry.Closed(BODY, state.getSimpleName().toLowerCase(java.util.Locale.ROOT), NOW);
            byte[] written = JournalJson.write(closed);
            assertThat(written.length + JOB.value().length()).isLessThanOrEqualTo(300);
            assertThat(JournalJson.read(JOB, written)).isEqualTo(closed);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "x",
                "null",
                "[]",
                "{}",
                "{\"v\":2,\"s\":\"completed\"}",
                "{\"v\":1}",
                "{\"v\":1,\"s\":5}",
                "{\"v\":1,\"s\":\"completed\"}",
                "{\"v\":1,\"s\":\"running\",\"body\":\"\"}",
                "{\"v\":1,\"s\":\"completed\",\"body\":\"0123\",\"at\":1}",
            })
    void whatIsNoEntryOfThisVersionIsRefused(String value) {
        assertThatThrownBy(() -> JournalJson.read(JOB, value.getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(JOB.value());
    }

    @Test
    void anOpenEntrySaysWhereTheTraceStandsAndAnOlderOneThatDoesNotIsReadAllTheSame() {
        var job = new JobEntry(JOB, BODY, "default", Priority.LOW, 1, 2, NOW, NOW.plusSeconds(9), 3, TRACE);
        var traced = new JournalEntry.Open(new JobState.Accepted(job, Attempts.NONE));
        byte[] written = JournalJson.write(traced);
        assertThat(JournalJson.read(JOB, written)).isEqualTo(traced);
        String older = new String(written, StandardCharsets.UTF_8).replace(",\"trace\":\"" + TRACE + "\"", "");
        assertThat(JournalJson.read(JOB, older.getBytes(StandardCharsets.UTF_8)))
                .isEqualTo(new JournalEntry.Open(new JobState.Accepted(
                        new JobEntry(JOB, BODY, "default", Priority.LOW, 1, 2, NOW, NOW.plusSeconds(9), 3),
                        Attempts.NONE)));
    }
}
