package io.wurstwerk.orchestrator.host;

import static io.wurstwerk.orchestrator.host.Works.PARTITIONS;
import static io.wurstwerk.orchestrator.host.Works.ordered;
import static io.wurstwerk.orchestrator.stack.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.wurstwerk.orchestrator.job.JobId;
import io.wurstwerk.orchestrator.stack.Answers;
import io.wurstwerk.orchestrator.stack.Answers.Answer;
import io.wurstwerk.orchestrator.stack.Wire;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Model servers that die under their calls. */
class LaneDeathTest {
    private static final String STAGE_C = "stage_c_base";
    private static final Instant DEADLINE = Instant.now().plus(Duration.ofHours(1));
    private static final int POISONED_WIDTH = 256;

    @TempDir
    static Path folder;

    private static Works works;

    @BeforeAll
    static void start() throws Exception {
        works = new Works(folder);
    }

    @AfterAll
    static void stop() throws Exception {
        works.close();
    }

    @AfterEach
    void leave() throws Exception {
        works.triton.deadly = _ -> false;
        works.leave();
    }

    @Test
    void oneJobThatKillsItsModelServerFailsAndThreeGoodOnesBesideItComplete() throws Exception {
        try (Wire wire = new Wire(works.endpoint)) {
            AtomicInteger deaths = new AtomicInteger();
            works.triton.death = () -> {
                deaths.incrementAndGet();
                wire.cut();
            };
            works.triton.deadly = request ->
                    request.getInputs(0).getShape(3) > request.getInputs(0).getShape(2);
            Member member = works.join(4, 100, List.of(wire.endpoint()));
            JobId poison = works.submit(ordered("poison", 0, 12, DEADLINE, POISONED_WIDTH), 0);
            List<JobId> good = new ArrayList<>();
            for (int i = 1; i <= 3; i++) {
                good.add(works.submit(ordered("poison", i, 12, DEADLINE), i % PARTITIONS));
            }
            Thread supervisor = Thread.ofVirtual().start(() -> supervise(wire, deaths, member));
            works.assertAnsweredOnce(good, "completed");
            works.assertAnsweredOnce(List.of(poison), "failed");
            supervisor.interrupt();
            supervisor.join();
            assertThat(works.answers
                            .await(answer -> answer.key().equals(poison.value()))
                            .data()
                            .at("/error/code")
                            .textValue())
                    .isEqualTo("crash_loop");
            try (var parked = new Answers(works.kafka.bootstrapServers(), "wurstwerk.parked", PARTITIONS)) {
                Answer copy = parked.await(answer -> answer.key().equals(poison.value()));
                assertThat(copy.headers()).containsEntry("parked-reason", "crash_loop");
                assertThat(parked.all()).hasSize(1);
            }
            assertThat(deaths).hasValueGreaterThanOrEqualTo(3);
            System.out.println("the model server died " + deaths + " times; counted against jobs: "
                    + member.count("wurstwerk.lane.crashes"));
        }
    }

    /** Starts the server again each time it has died and somebody has noticed. */
    private static void supervise(Wire wire, AtomicInteger deaths, Member member) {
        try {
            for (int seen = 0; ; seen = deaths.get()) {
                int before = seen;
                double counted = member.count("wurstwerk.lane.crashes");
                await(() -> deaths.get() > before);
                await(() -> member.count("wurstwerk.lane.crashes") > counted
                        && member.gauge("wurstwerk.lane.outstanding") == 0);
                wire.restore();
            }
        } catch (Exception | AssertionError over) {
            wire.restore();
        }
    }

    @Test
    void theDeathOfOneOfTwoServersMovesTheJobAtOnceAndItWaitsForNothing() throws Exception {
        try (Wire wire = new Wire(works.endpoint);
                Wire other = new Wire(works.endpoint)) {
            int asked = works.triton.calls(STAGE_C);
            works.triton.holdAfter(3);
            Member member = works.join(1, 100, List.of(wire.endpoint(), other.endpoint()));
            await(() -> lane(member, "ready", wire) == 1 && lane(member, "ready", other) == 1);
            JobId job = works.submit(ordered("moved", 0, 12, DEADLINE), 0);
            await(() -> works.triton.calls(STAGE_C) == asked + 4);
            await(() -> lane(member, "outstanding", wire) + lane(member, "outstanding", other) == 1);
            Wire used = lane(member, "outstanding", wire) == 1 ? wire : other;
            used.cut();
            await(() -> works.triton.calls(STAGE_C) == asked + 5);
            await(() -> lane(member, "ready", used) == 0);
            works.triton.release();
            works.assertAnsweredOnce(List.of(job), "completed");
            assertThat(member.count("wurstwerk.waits")).isZero();
            assertThat(works.triton.calls(STAGE_C) - asked)
                    .as("one step was repeated")
                    .isEqualTo(13);
            assertThat(member.count("wurstwerk.lane.crashes")).isEqualTo(1);
            used.restore();
            await(() -> lane(member, "ready", used) == 1);
        }
    }

    private static double lane(Member member, String meter, Wire wire) {
        var gauge = member.metrics
                .find("wurstwerk.lane." + meter)
                .tag("endpoint", wire.endpoint())
                .gauge();
        return gauge == null ? Double.NaN : gauge.value();
    }
}
