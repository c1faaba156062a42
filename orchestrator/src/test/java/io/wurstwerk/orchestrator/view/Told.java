package io.wurstwerk.orchestrator.view;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.wurstwerk.orchestrator.engine.JournalEntry;
import io.wurstwerk.orchestrator.job.Attempts;
import io.wurstwerk.orchestrator.job.ImageOrder;
import io.wurstwerk.orchestrator.job.JobEntry;
import io.wurstwerk.orchestrator.job.JobId;
import io.wurstwerk.orchestrator.job.JobId.BodyHash;
import io.wurstwerk.orchestrator.job.JobState;
import io.wurstwerk.orchestrator.job.Origin;
import io.wurstwerk.orchestrator.job.Priority;
import io.wurstwerk.orchestrator.job.Schedule;
import io.wurstwerk.orchestrator.job.Submission;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;

/** What topics may tell of jobs named by a number, and views to tell it to. */
final class Told {

    static final Instant NOW = Instant.parse("2030-01-01T00:00:00Z");
    static final ViewBounds BOUNDS = new ViewBounds(1_000, Duration.ofDays(14), 1);

    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    private Told() {}

    static JobView view(Path folder) {
        return view(folder, BOUNDS, NOW);
    }

    static JobView view(Path folder, ViewBounds bounds, Instant now) {
        Clock clock = Clock.fixed(now, ZoneOffset.UTC);
        JobJson json = new JobJson(key -> URI.create("http://store/" + key + "?fresh"), Duration.ofHours(1), clock);
        return JobView.open(folder, bounds, json, order -> 10 * order.order().images(), clock);
    }

    static Origin origin(String tenant, int number) {
        return new Origin(tenant, "urn:test", Integer.toString(number));
    }

    static JobId id(String tenant, int number) {
        return JobId.of(origin(tenant, number));
    }

    /** Submitted as many seconds after the beginning as its number. */
    static Submission.Ordered ordered(String tenant, int number, String prompt) {
        var order = new ImageOrder(
                prompt, null, 128, 128, "base", new Schedule.Linear(10), 4, new Schedule.Linear(2), 0, number, 1);
        return new Submission.Ordered(
                id(tenant, number),
                origin(tenant, number),
                BodyHash.of(prompt.getBytes(UTF_8)),
                NOW.plusSeconds(number),
                order,
                Priority.NORMAL,
                NOW.plus(Duration.ofHours(1)));
    }

    static Submission.Ordered ordered(String tenant, int number) {
        return ordered(tenant, number, "a prompt");
    }

    private static JobEntry entry(String tenant, int number) {
        Submission.Ordered submission = ordered(tenant, number);
        return new JobEntry(
                submission.job(),
                submission.body(),
                tenant,
                submission.priority(),
                1,
                10,
                submission.submittedAt(),
                submission.deadline(),
                number);
    }

    static JournalEntry accepted(String tenant, int number) {
        return new JournalEntry.Open(new JobState.Accepted(entry(tenant, number), Attempts.NONE));
    }

    static JournalEntry running(String tenant, int number) {
        return new JournalEntry.Open(new JobState.Accepted(entry(tenant, number), Attempts.NONE).start());
    }

    static JournalEntry closed(String tenant, int number) {
        return new JournalEntry.Closed(ordered(tenant, number).body(), "completed", NOW);
    }

    static ObjectNode completed(String tenant, int number) {
        return object("""
                {"job_id": "%s", "state": "completed", "tenant": "%s", "request": {"source": "urn:test", "id": "%d"},
                 "prior": "base", "images": [{"index": 0, "key": "v1/%d.png", "url": "http://store/old"}]}""".formatted(id(tenant, number), tenant, number, number));
    }

    static ObjectNode step(String tenant, int number, int step) {
        return object("""
                {"job_id": "%s", "index": 0, "images": 1, "stage": "stage_c", "step": %d, "steps": 10}""".formatted(id(tenant, number), step));
    }

    static ObjectNode object(String json) {
        try {
            return (ObjectNode) MAPPER.readTree(json);
        } catch (IOException malformed) {
            throw new IllegalArgumentException(json, malformed);
        }
    }

    /** Remembers what it is told. */
    static final class Listener implements Watcher {
        final List<JobEvent> events = new ArrayList<>();

        @Override
        public void happened(JobEvent event) {
            events.add(event);
        }

        List<JobEvent.Kind> kinds() {
            return kinds(events);
        }

        static List<JobEvent.Kind> kinds(List<JobEvent> events) {
            return events.stream().map(JobEvent::kind).toList();
        }
    }
}
