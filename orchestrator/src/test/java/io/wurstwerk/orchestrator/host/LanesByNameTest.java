package io.wurstwerk.orchestrator.host;

import static io.wurstwerk.orchestrator.host.Works.PARTITIONS;
import static io.wurstwerk.orchestrator.host.Works.ordered;
import static io.wurstwerk.orchestrator.stack.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Gauge;
import io.wurstwerk.orchestrator.host.Member.Patience;
import io.wurstwerk.orchestrator.job.JobId;
import io.wurstwerk.orchestrator.stack.FakeTriton;
import io.wurstwerk.orchestrator.stack.Names;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Lanes at the addresses of a name, which come and go while jobs are drawn. */
class LanesByNameTest {
    private static final String STAGE_C = "stage_c_base";
    private static final String HOST = "triton.test";
    private static final Instant DEADLINE = Instant.now().plus(Duration.ofHours(1));
    private static final int JOBS = 6;
    private static final int STEPS = 12;

    @TempDir
    static Path folder;

    private static Works works;
    private static FakeTriton two;
    private static FakeTriton three;
    private static int port;

    private final Names names = new Names();

    @BeforeAll
    static void start() throws Exception {
        works = new Works(folder);
        port = Integer.parseInt(works.endpoint.substring(works.endpoint.indexOf(':') + 1));
        two = works.another("127.0.0.2:" + port);
        three = works.another("127.0.0.3:" + port);
    }

    @AfterAll
    static void stop() throws Exception {
        two.close();
        three.close();
        works.close();
    }

    @AfterEach
    void leave() throws Exception {
        two.release();
        three.release();
        works.leave();
    }

    @Test
    void anAddedLaneDrawsARemovedOneDoesNotAndNoStepIsLostAndNoPictureDiffers() throws Exception {
        List<String> unbroken = new ArrayList<>();
        works.join(JOBS, 100);
        for (JobId job : submit("unbroken")) {
            unbroken.add(works.sha256(job));
        }
        works.leave();
        int before = calls();

        names.lead(HOST, "127.0.0.1");
        works.triton.holdAfter(3);
        Member member = member();
        List<JobId> jobs = submit("moving");
        await(() -> lane(member, "outstanding", 1) == JOBS);
        int other = two.calls(STAGE_C);

        two.hold();
        names.lead(HOST, "127.0.0.1", "127.0.0.2");
        await(() -> lane(member, "ready", 2) == 1);
        works.triton.release();
        await(() -> two.calls(STAGE_C) > other && lane(member, "outstanding", 2) > 0);

        int third = three.calls(STAGE_C);
        names.lead(HOST, "127.0.0.2", "127.0.0.3");
        await(() -> gauge(member, "ready", 1) == null && lane(member, "ready", 3) == 1);
        int first = works.triton.calls(STAGE_C);
        two.release();
        works.assertAnsweredOnce(jobs, "completed");

        assertThat(works.triton.calls(STAGE_C)).as("asked after it was removed").isEqualTo(first);
        assertThat(three.calls(STAGE_C)).as("asked once it was there").isGreaterThan(third);
        assertThat(calls() - before).as("no step was repeated").isEqualTo(JOBS * STEPS);
        assertThat(member.count("wurstwerk.lane.crashes")).isZero();
        List<String> pictures = new ArrayList<>();
        for (JobId job : jobs) {
            pictures.add(works.sha256(job));
        }
        assertThat(pictures).isEqualTo(unbroken);
    }

    @Test
    void aCallOnALaneThatIsRemovedEndsAndTheNextGoesElsewhere() throws Exception {
        names.lead(HOST, "127.0.0.1");
        int before = calls();
        works.triton.hold();
        Member member = member();
        JobId job = works.submit(ordered("ending", 0, STEPS, DEADLINE), 0);
        await(() -> lane(member, "outstanding", 1) == 1 && calls() > before);
        names.lead(HOST, "127.0.0.2");
        await(() -> lane(member, "ready", 1) == 0 && lane(member, "ready", 2) == 1);
        int first = works.triton.calls(STAGE_C);
        works.triton.release();
        works.assertAnsweredOnce(List.of(job), "completed");
        assertThat(works.triton.calls(STAGE_C)).isEqualTo(first);
        assertThat(calls() - before).isEqualTo(STEPS);
        assertThat(member.count("wurstwerk.waits")).isZero();
        await(() -> gauge(member, "ready", 1) == null);
        assertThat(gauges(member, 1)).as("every number of the lane is gone").isZero();
    }

    @Test
    void aResolverThatFailsRemovesNothingAndAnAddressThatComesBackDrawsAgain() throws Exception {
        names.lead(HOST, "127.0.0.1");
        Member member = member();
        await(() -> lane(member, "ready", 1) == 1);
        names.fail(HOST);
        names.awaitQuestions(3);
        works.assertAnsweredOnce(List.of(works.submit(ordered("unresolved", 0, STEPS, DEADLINE), 0)), "completed");
        names.lead(HOST, "127.0.0.2");
        await(() -> gauge(member, "ready", 1) == null);
        names.lead(HOST, "127.0.0.1");
        await(() -> lane(member, "ready", 1) == 1 && gauge(member, "ready", 2) == null);
        int first = works.triton.calls(STAGE_C);
        works.assertAnsweredOnce(List.of(works.submit(ordered("welcome", 0, STEPS, DEADLINE), 0)), "completed");
        assertThat(works.triton.calls(STAGE_C) - first).isEqualTo(STEPS);
        assertThat(works.triton.authorities()).contains(HOST + ":" + port);
    }

    private Member member() {
        return works.join(new Member(
                works.kafka.bootstrapServers(),
                List.of("dns:///" + HOST + ":" + port),
                works.settings,
                Member.settings(JOBS, 100),
                Patience.SHIPPED,
                names));
    }

    private static List<JobId> submit(String source) throws Exception {
        List<JobId> jobs = new ArrayList<>();
        for (int i = 0; i < JOBS; i++) {
            jobs.add(works.submit(ordered(source, i, STEPS, DEADLINE), i % PARTITIONS));
        }
        return jobs;
    }

    private static int calls() {
        return works.triton.calls(STAGE_C) + two.calls(STAGE_C) + three.calls(STAGE_C);
    }

    private static double lane(Member member, String meter, int number) {
        Gauge gauge = gauge(member, meter, number);
        return gauge == null ? Double.NaN : gauge.value();
    }

    private static Gauge gauge(Member member, String meter, int number) {
        return member.metrics
                .find("wurstwerk.lane." + meter)
                .tag("endpoint", endpoint(number))
                .gauge();
    }

    private static long gauges(Member member, int number) {
        return member.metrics.getMeters().stream()
                .filter(meter -> endpoint(number).equals(meter.getId().getTag("endpoint")))
                .count();
    }

    private static String endpoint(int number) {
        return "127.0.0." + number + ":" + port;
    }
}
