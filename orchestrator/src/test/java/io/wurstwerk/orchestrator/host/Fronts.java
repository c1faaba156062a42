package io.wurstwerk.orchestrator.host;

import static io.wurstwerk.orchestrator.host.Works.ordered;
import static io.wurstwerk.orchestrator.stack.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.wurstwerk.orchestrator.host.Member.Patience;
import io.wurstwerk.orchestrator.job.JobId;
import io.wurstwerk.orchestrator.stack.Answers;
import io.wurstwerk.orchestrator.stack.Fault;
import io.wurstwerk.orchestrator.stack.FaultProxy;
import io.wurstwerk.orchestrator.stack.Framing;
import io.wurstwerk.orchestrator.stack.Ports;
import io.wurstwerk.orchestrator.store.StoreSettings;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Works whose broker, models and store an engine reaches through proxies only, while everybody else goes past them. */
final class Fronts implements AutoCloseable {
    static final int STEPS = 6;
    static final String STAGE_C = "stage_c_base";
    private static final int JOBS = 6;

    final Works works;
    final FaultProxy kafka;
    final FaultProxy triton;
    final FaultProxy store;
    private final StoreSettings behindStore;
    private final Witness witness;
    private final Answers journal;
    private final FaultTable table;
    private final List<String> unbroken = new ArrayList<>();
    private final Patience patience;
    private int trials;
    private Member member;
    private List<Answers.Answer> entries = List.of();
    private List<JobId> jobs = List.of();
    private int asked;
    private double waited;
    private long begun;

    Fronts(Path folder, String section, Patience patience) throws Exception {
        this.patience = patience;
        works = new Works(folder);
        kafka = new FaultProxy(works.kafkaFront, works.kafka.behindFront(), Framing.KAFKA);
        triton = new FaultProxy(
                Ports.free(), URI.create("grpc://" + works.endpoint).getPort(), Framing.STREAM);
        StoreSettings direct = works.settings;
        store = new FaultProxy(Ports.free(), direct.endpoint().getPort(), Framing.STREAM);
        behindStore = direct.withEndpoint(URI.create("http://" + store.address()));
        witness = new Witness(works.kafka.bootstrapServers(), Works.PARTITIONS);
        journal = new Answers(works.kafka.bootstrapServers(), "wurstwerk.jobs", Works.PARTITIONS);
        table = new FaultTable(section);
        works.join(JOBS, 100);
        for (JobId job : submit("unbroken", 0, JOBS)) {
            unbroken.add(witness.picture(job));
        }
        works.leave();
    }

    Member member() {
        return member;
    }

    /** An engine joins that knows the ways through the proxies only, unless there is one. */
    void join() {
        if (member == null) {
            member = works.join(new Member(
                    kafka.address(), List.of(triton.address()), behindStore, Member.settings(JOBS, 100), patience));
        }
    }

    /** An engine has begun to draw four of six jobs and waits for the models. */
    void begin() throws Exception {
        join();
        asked = works.triton.calls(STAGE_C);
        // Too few for any of them to be done with Stage C.
        works.triton.holdAfter(STEPS - 1);
        jobs = new ArrayList<>(submit("trial" + ++trials, 0, 4));
        await(() -> works.triton.calls(STAGE_C) >= asked + STEPS - 1 + 4);
        await(() -> member.gauge("wurstwerk.jobs.open") == 4);
    }

    /** Six jobs lie there. */
    void submit() throws Exception {
        asked = works.triton.calls(STAGE_C);
        jobs = submit("trial" + ++trials, 0, JOBS);
    }

    /** The fault begins, the models go on, and two more jobs come. */
    void meet(FaultProxy proxy, Fault fault) throws Exception {
        proxy.begin(fault);
        goOn();
    }

    /** What is at fault is no proxy: the models go on, and two more jobs come. */
    void goOn() throws Exception {
        waited = member.count("wurstwerk.waits");
        begun = System.nanoTime();
        works.triton.release();
        if (jobs.size() < JOBS) {
            jobs.addAll(submit("trial" + trials, jobs.size(), JOBS));
        }
    }

    /** How often an image had to wait since the fault began. */
    double waits() {
        return member.count("wurstwerk.waits") - waited;
    }

    /** Steps of Stage C that were asked of the models beyond those that the jobs need, and one more after the fault. */
    int repeatedSteps() {
        return works.triton.calls(STAGE_C) - asked - (JOBS + 1) * STEPS;
    }

    /**
     * All six jobs are answered once, each with the picture of the unbroken run, whole in the moment in which its answer
     * was visible; none was charged with a crash; the engine lives and draws on.
     *
     * @param seen what else was seen
     */
    void assertUnharmed(String fault, String seen) throws Exception {
        assertUnharmed(fault, seen, 0);
    }

    /** @param deaths crashes that a job may be charged with at most: a server that is gone under a call may have died of it */
    void assertUnharmed(String fault, String seen, int deaths) throws Exception {
        List<String> pictures = new ArrayList<>();
        for (JobId job : jobs) {
            pictures.add(witness.picture(job));
        }
        assertThat(pictures).isEqualTo(unbroken);
        Duration lasted = Duration.ofNanos(System.nanoTime() - begun);
        rest();
        assertThat(witness.picture(submit("after" + trials, 0, 1).getFirst())).isEqualTo(unbroken.getFirst());
        // Until nothing more is written: a second answer would be seen.
        entries = journal.all();
        for (JobId job : jobs) {
            assertThat(witness.seen(job)).hasSize(1);
        }
        assertThat(member.alive()).isTrue();
        assertThat(worst("crashes")).isLessThanOrEqualTo(deaths);
        table.add(fault, JOBS + " of " + JOBS + " jobs completed once, pictures equal; " + seen, lasted);
    }

    /** The highest number that the journal has of the trial's jobs, such as {@code started} or {@code crashes}. */
    int worst(String field) {
        List<String> keys = jobs.stream().map(JobId::value).toList();
        return entries.stream()
                .filter(entry -> keys.contains(entry.key()))
                .mapToInt(entry -> entry.data().path(field).intValue())
                .max()
                .orElseThrow();
    }

    /** Nothing is at fault any more; the engine stays. */
    void rest() throws Exception {
        works.triton.release();
        kafka.end();
        triton.end();
        store.end();
    }

    /** Nothing is at fault any more, and the engine leaves. */
    void leave() throws Exception {
        rest();
        works.leave();
        member = null;
    }

    void finish(Class<?> tests) throws Exception {
        table.finish((int) java.util.Arrays.stream(tests.getDeclaredMethods())
                .filter(method -> method.isAnnotationPresent(org.junit.jupiter.api.Test.class))
                .count());
    }

    @Override
    public void close() throws Exception {
        works.leave();
        journal.close();
        witness.close();
        kafka.close();
        triton.close();
        store.close();
        works.close();
    }

    private List<JobId> submit(String source, int from, int to) throws Exception {
        List<JobId> submitted = new ArrayList<>();
        for (int i = from; i < to; i++) {
            submitted.add(works.submit(
                    ordered(source, i, STEPS, Instant.now().plus(Duration.ofHours(1))), i % Works.PARTITIONS));
        }
        return submitted;
    }
}
