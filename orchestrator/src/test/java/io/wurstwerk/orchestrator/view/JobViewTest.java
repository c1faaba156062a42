package io.wurstwerk.orchestrator.view;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.wurstwerk.orchestrator.job.JobId;
import io.wurstwerk.orchestrator.view.JobEvent.Kind;
import io.wurstwerk.orchestrator.view.JobView.Admission;
import io.wurstwerk.orchestrator.view.Told.Listener;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.StreamSupport;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JobViewTest {

    @TempDir
    Path folder;

    @Test
    void theTopicsMayTellTheirPartsInAnyOrder() {
        var random = new Random(1);
        List<ObjectNode> pictures = new ArrayList<>();
        for (int i = 0; i < 24; i++) {
            try (JobView view = Told.view(folder.resolve(Integer.toString(i)))) {
                List<Runnable> parts = new ArrayList<>(List.of(
                        () -> view.submitted(Told.ordered("acme", 1)),
                        () -> {
                            view.journalled(Told.id("acme", 1), Told.accepted("acme", 1), 5);
                            view.journalled(Told.id("acme", 1), Told.running("acme", 1), 6);
                            view.journalled(Told.id("acme", 1), Told.closed("acme", 1), 7);
                        },
                        () -> view.answered(Told.id("acme", 1), Told.completed("acme", 1), Told.NOW, 3)));
                Collections.shuffle(parts, random);
                parts.forEach(Runnable::run);
                pictures.add(picture(view, "acme", 1));
                assertThat(view.openJobs()).isZero();
            }
        }
        assertThat(pictures).containsOnly(pictures.getFirst());
        assertThat(pictures.getFirst().path("state").textValue()).isEqualTo("completed");
        assertThat(pictures.getFirst().at("/images/0/url").textValue()).isEqualTo("http://store/v1/1.png?fresh");
        assertThat(pictures.getFirst().at("/request/parameters/prompt").textValue())
                .isEqualTo("a prompt");
    }

    @Test
    void aSecondBodyIsAJobOfItsOwnAndChangesNothingOfTheFirst() {
        try (JobView view = Told.view(folder)) {
            view.submitted(Told.ordered("acme", 1, "first"));
            var second = Told.ordered("acme", 1, "second");
            view.submitted(second);
            view.submitted(Told.ordered("acme", 1, "first"));
            assertThat(picture(view, "acme", 1).at("/request/parameters/prompt").textValue())
                    .isEqualTo("first");
            JobId conflict = second.job().conflictWith(second.body());
            assertThat(view.find("acme", conflict)).isPresent();
            assertThat(view.find("acme", conflict).get().state()).isEqualTo("submitted");
            assertThat(view.openJobs()).isEqualTo(1);
        }
    }

    @Test
    void aTenantFindsAndListsItsOwnJobsOnly() {
        try (JobView view = Told.view(folder)) {
            for (int i = 1; i <= 5; i++) {
                view.submitted(Told.ordered("acme", i));
                view.submitted(Told.ordered("acmeX", i));
            }
            assertThat(view.find("acmeX", Told.id("acme", 1))).isEmpty();
            assertThat(view.find("acme", Told.id("acme", 1))).isPresent();
            JobView.Page first = view.recent("acme", null, 2);
            assertThat(ids(first)).containsExactly(name("acme", 5), name("acme", 4));
            JobView.Page second = view.recent("acme", first.next(), 2);
            assertThat(ids(second)).containsExactly(name("acme", 3), name("acme", 2));
            JobView.Page third = view.recent("acme", second.next(), 2);
            assertThat(ids(third)).containsExactly(name("acme", 1));
            assertThat(third.next()).isNull();
            assertThat(view.recent("bolt", null, 2).jobs()).isEmpty();
        }
    }

    @Test
    void theOldestAreForgottenWhenThereAreTooManyOrTheyAreTooOld() {
        ViewBounds few = new ViewBounds(3, Duration.ofDays(14), 1);
        try (JobView view = Told.view(folder, few, Told.NOW)) {
            for (int i = 1; i <= 5; i++) {
                view.submitted(Told.ordered("acme", i));
            }
            view.forget();
            assertThat(ids(view.recent("acme", null, 10)))
                    .containsExactly(name("acme", 5), name("acme", 4), name("acme", 3));
            assertThat(view.openJobs()).isEqualTo(3);
        }
        try (JobView view =
                Told.view(folder, few, Told.NOW.plus(Duration.ofDays(14)).plusSeconds(5))) {
            view.forget();
            assertThat(ids(view.recent("acme", null, 10))).containsExactly(name("acme", 5));
        }
    }

    @Test
    void aRestartFindsEverythingButWhatWasOnlyExpected() {
        TopicPartition partition = new TopicPartition("wurstwerk.jobs", 3);
        try (JobView view = Told.view(folder)) {
            view.submitted(Told.ordered("acme", 1));
            view.journalled(Told.id("acme", 1), Told.running("acme", 1), 9);
            assertThat(view.admit(Told.ordered("acme", 2), 10, 10)).isEqualTo(Admission.TAKEN);
            view.store().position(partition, 10);
        }
        try (JobView view = Told.view(folder)) {
            assertThat(ids(view.recent("acme", null, 10))).containsExactly(name("acme", 1));
            assertThat(view.openJobs()).isEqualTo(1);
            assertThat(view.store().position(partition)).isEqualTo(10);
            // Read twice: nothing changes.
            view.journalled(Told.id("acme", 1), Told.running("acme", 1), 9);
            assertThat(picture(view, "acme", 1).path("state").textValue()).isEqualTo("running");
        }
    }

    @Test
    void aDamagedFileIsBuiltAnew() throws Exception {
        try (JobView view = Told.view(folder)) {
            view.submitted(Told.ordered("acme", 1));
        }
        Files.writeString(folder.resolve("jobs.mv"), "rubbish".repeat(2_000));
        try (JobView view = Told.view(folder)) {
            assertThat(view.recent("acme", null, 10).jobs()).isEmpty();
            view.submitted(Told.ordered("acme", 2));
            assertThat(view.find("acme", Told.id("acme", 2))).isPresent();
        }
    }

    @Test
    void roomIsCountedByTenantAndInAllAndAKnownJobNeedsNone() {
        try (JobView view = Told.view(folder)) {
            assertThat(view.admit(Told.ordered("acme", 1), 2, 3)).isEqualTo(Admission.TAKEN);
            assertThat(view.admit(Told.ordered("acme", 2), 2, 3)).isEqualTo(Admission.TAKEN);
            assertThat(view.admit(Told.ordered("acme", 3), 2, 3)).isEqualTo(Admission.TENANT_FULL);
            assertThat(view.admit(Told.ordered("acme", 1), 2, 3)).isEqualTo(Admission.KNOWN);
            assertThat(view.admit(Told.ordered("bolt", 1), 2, 3)).isEqualTo(Admission.TAKEN);
            assertThat(view.admit(Told.ordered("bolt", 2), 2, 3)).isEqualTo(Admission.QUEUE_FULL);
            view.withdraw(Told.id("acme", 1));
            assertThat(view.find("acme", Told.id("acme", 1))).isEmpty();
            assertThat(view.admit(Told.ordered("acme", 3), 2, 3)).isEqualTo(Admission.TAKEN);
            view.answered(Told.id("acme", 2), Told.completed("acme", 2), Told.NOW, 1);
            assertThat(view.admit(Told.ordered("acme", 4), 2, 3)).isEqualTo(Admission.TAKEN);
        }
    }

    @Test
    void whatTheTopicSaysReplacesWhatWasExpected() {
        try (JobView view = Told.view(folder)) {
            view.admit(Told.ordered("acme", 1, "expected"), 10, 10);
            assertThat(view.find("acme", Told.id("acme", 1)).orElseThrow().provisional())
                    .isTrue();
            view.submitted(Told.ordered("acme", 1, "first in the topic"));
            view.withdraw(Told.id("acme", 1));
            ViewedJob job = view.find("acme", Told.id("acme", 1)).orElseThrow();
            assertThat(job.provisional()).isFalse();
            assertThat(job.body())
                    .contains(Told.ordered("acme", 1, "first in the topic").body());
        }
    }

    @Test
    void aWatcherHearsWhatHappensAndCanComeBackAnywhere() {
        List<JobEvent> heard;
        Listener live = new Listener();
        try (JobView view = Told.view(folder.resolve("one"))) {
            view.submitted(Told.ordered("acme", 1));
            assertThat(view.watch("acme", Told.id("acme", 1), null, live).orElseThrow())
                    .isEmpty();
            tell(view);
            heard = live.events;
        }
        assertThat(live.kinds())
                .containsExactly(
                        Kind.ACCEPTED, Kind.STARTED, Kind.STEP, Kind.PREVIEW, Kind.STEP, Kind.IMAGE, Kind.TERMINAL);
        // Another instance read the same topics.
        try (JobView other = Told.view(folder.resolve("two"))) {
            other.submitted(Told.ordered("acme", 1));
            tell(other);
            assertThat(told(other, null)).containsExactly(Kind.ACCEPTED, Kind.STARTED, Kind.IMAGE, Kind.TERMINAL);
            assertThat(told(other, heard.get(0).id())).containsExactly(Kind.STARTED, Kind.IMAGE, Kind.TERMINAL);
            assertThat(told(other, heard.get(1).id())).containsExactly(Kind.IMAGE, Kind.TERMINAL);
            assertThat(told(other, heard.get(4).id())).containsExactly(Kind.IMAGE, Kind.TERMINAL);
            assertThat(told(other, heard.get(6).id())).isEmpty();
            assertThat(told(other, "rubbish")).hasSize(4);
        }
    }

    @Test
    void whoComesInTheMiddleHearsTheLatestStepAndPreview() {
        try (JobView view = Told.view(folder)) {
            view.submitted(Told.ordered("acme", 1));
            view.journalled(Told.id("acme", 1), Told.accepted("acme", 1), 5);
            view.journalled(Told.id("acme", 1), Told.running("acme", 1), 6);
            view.progressed(Told.id("acme", 1), preview(1), 40);
            view.progressed(Told.id("acme", 1), Told.step("acme", 1, 2), 41);
            List<JobEvent> story = story(view, null);
            assertThat(Listener.kinds(story)).containsExactly(Kind.ACCEPTED, Kind.STARTED, Kind.PREVIEW, Kind.STEP);
            assertThat(frame(story.get(2))).contains("event: preview", "\"data\":\"cG5n\"", "\"index\":0");
            assertThat(frame(story.get(3))).contains("\"step\":2").doesNotContain("preview");
            assertThat(told(view, story.get(2).id())).containsExactly(Kind.STEP);
            assertThat(told(view, story.get(3).id())).isEmpty();
            assertThat(picture(view, "acme", 1).at("/progress/0/step").intValue())
                    .isEqualTo(2);
        }
    }

    @Test
    void anEventIsWrittenOutOnceForAllWhoWatch() {
        try (JobView view = Told.view(folder)) {
            view.submitted(Told.ordered("acme", 1));
            List<Listener> all = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                all.add(new Listener());
                view.watch("acme", Told.id("acme", 1), null, all.getLast());
            }
            view.journalled(Told.id("acme", 1), Told.accepted("acme", 1), 5);
            byte[] frame = all.getFirst().events.getFirst().frame();
            assertThat(all)
                    .allSatisfy(one -> assertThat(one.events.getFirst().frame()).isSameAs(frame));
            all.forEach(one -> view.unwatch(Told.id("acme", 1), one));
            view.journalled(Told.id("acme", 1), Told.running("acme", 1), 6);
            assertThat(all).allSatisfy(one -> assertThat(one.events).hasSize(1));
        }
    }

    @Test
    void nobodyWatchesAnothersJob() {
        try (JobView view = Told.view(folder)) {
            view.submitted(Told.ordered("acme", 1));
            Listener bolt = new Listener();
            assertThat(view.watch("bolt", Told.id("acme", 1), null, bolt)).isEmpty();
            tell(view);
            assertThat(bolt.events).isEmpty();
        }
    }

    @Test
    void whoWaitsIsWokenByTheAnswer() throws Exception {
        try (JobView view = Told.view(folder);
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            view.submitted(Told.ordered("acme", 1));
            Future<ViewedJob> waiting = threads.submit(
                    () -> view.await("acme", Told.id("acme", 1), job -> job.answer() != null, Duration.ofMinutes(1))
                            .orElseThrow());
            view.answered(Told.id("acme", 1), Told.completed("acme", 1), Told.NOW, 1);
            assertThat(waiting.get(30, TimeUnit.SECONDS).state()).isEqualTo("completed");
            assertThat(view.await("bolt", Told.id("acme", 1), job -> true, Duration.ZERO))
                    .isEmpty();
        }
    }

    private static void tell(JobView view) {
        view.journalled(Told.id("acme", 1), Told.accepted("acme", 1), 5);
        view.journalled(Told.id("acme", 1), Told.running("acme", 1), 6);
        view.progressed(Told.id("acme", 1), Told.step("acme", 1, 1), 40);
        view.progressed(Told.id("acme", 1), preview(2), 41);
        view.journalled(Told.id("acme", 1), Told.closed("acme", 1), 7);
        view.answered(Told.id("acme", 1), Told.completed("acme", 1), Told.NOW, 3);
        view.progressed(Told.id("acme", 1), Told.step("acme", 1, 9), 42);
    }

    private static ObjectNode preview(int step) {
        ObjectNode progress = Told.step("acme", 1, step);
        progress.putObject("preview")
                .put("content_type", "image/png")
                .put("width", 24)
                .put("height", 24)
                .put("data", "cG5n");
        return progress;
    }

    private static List<JobEvent> story(JobView view, String lastEventId) {
        Listener nobody = new Listener();
        List<JobEvent> story =
                view.watch("acme", Told.id("acme", 1), lastEventId, nobody).orElseThrow();
        view.unwatch(Told.id("acme", 1), nobody);
        return story;
    }

    private static List<Kind> told(JobView view, String lastEventId) {
        return Listener.kinds(story(view, lastEventId));
    }

    private static String frame(JobEvent event) {
        return new String(event.frame(), StandardCharsets.UTF_8);
    }

    private static ObjectNode picture(JobView view, String tenant, int number) {
        return view.render(view.find(tenant, Told.id(tenant, number)).orElseThrow());
    }

    private static String name(String tenant, int number) {
        return Told.id(tenant, number).value();
    }

    private static List<String> ids(JobView.Page page) {
        return StreamSupport.stream(page.jobs().spliterator(), false)
                .map(job -> ((JsonNode) job).path("job_id").textValue())
                .toList();
    }
}
