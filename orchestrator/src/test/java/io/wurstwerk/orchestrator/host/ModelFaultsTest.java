package io.wurstwerk.orchestrator.host;

import static io.wurstwerk.orchestrator.stack.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.wurstwerk.orchestrator.stack.FakeTriton.Mood;
import io.wurstwerk.orchestrator.stack.Fault;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a model server that cannot be reached well does to an engine at work. */
class ModelFaultsTest {
    private static final String WAITED = "jobs waited, no attempt counted";
    /** Nobody can tell it from a server that died of the job. */
    private static final String DIED = ", one death of the server counted against jobs under way at most";

    @TempDir
    static Path folder;

    private static Fronts fronts;

    @BeforeAll
    static void start() throws Exception {
        fronts = new Fronts(folder, "models", Member.Patience.SHIPPED.shortWithModels());
    }

    @AfterAll
    static void stop() throws Exception {
        fronts.close();
        fronts.finish(ModelFaultsTest.class);
    }

    @AfterEach
    void leave() throws Exception {
        fronts.works.triton.mood = Mood.FINE;
        fronts.rest();
    }

    @Test
    void latency() throws Exception {
        fronts.begin();
        fronts.meet(fronts.triton, new Fault.Latency(Duration.ofMillis(25)));
        fronts.assertUnharmed("every packet 25 ms late", "slower");
        assertThat(fronts.triton.hits()).isPositive();
    }

    @Test
    void resets() throws Exception {
        fronts.begin();
        fronts.meet(fronts.triton, new Fault.Reset());
        awaitWaits();
        fronts.triton.end();
        fronts.assertUnharmed("every connection reset", WAITED + DIED, 1);
        assertThat(fronts.worst("started")).isEqualTo(1);
    }

    @Test
    void refusal() throws Exception {
        fronts.begin();
        fronts.meet(fronts.triton, new Fault.Refuse());
        awaitWaits();
        fronts.triton.end();
        fronts.assertUnharmed("server down", WAITED + DIED, 1);
        assertThat(fronts.worst("started")).isEqualTo(1);
    }

    @Test
    void blackHole() throws Exception {
        fronts.begin();
        fronts.meet(fronts.triton, new Fault.BlackHole());
        awaitWaits();
        fronts.triton.end();
        fronts.assertUnharmed("black hole until steps ran out of time", WAITED + ", a new connection made");
        assertThat(fronts.worst("started")).isEqualTo(1);
    }

    @Test
    void theAnswerOfAStepIsCut() throws Exception {
        fronts.begin();
        fronts.meet(
                fronts.triton,
                new Fault.CutAnswer(1, unit -> contains(unit, Fronts.STAGE_C), (_, unit) -> contains(unit, "eps")));
        await(() -> fronts.triton.hits() == 1);
        awaitWaits();
        fronts.assertUnharmed("a step done, its answer lost and the connection reset", WAITED + ", the step repeated");
        assertThat(fronts.worst("started")).isEqualTo(1);
    }

    @Test
    void unavailable() throws Exception {
        fronts.begin();
        fronts.works.triton.mood = Mood.UNAVAILABLE;
        fronts.goOn();
        awaitWaits();
        fronts.works.triton.mood = Mood.FINE;
        fronts.assertUnharmed("every step answered UNAVAILABLE, as by a full queue", WAITED);
        assertThat(fronts.worst("started")).isEqualTo(1);
    }

    private static void awaitWaits() throws Exception {
        await(() -> fronts.waits() >= 1);
    }

    private static boolean contains(byte[] unit, String text) {
        return new String(unit, StandardCharsets.ISO_8859_1).contains(text);
    }
}
