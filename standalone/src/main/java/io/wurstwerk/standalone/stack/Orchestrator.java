package io.wurstwerk.standalone.stack;

import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.QuarkusApplication;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** The Quarkus application on a thread of this process. One per process: Quarkus keeps its state in statics. */
final class Orchestrator implements AutoCloseable {
    private static final Duration START_LIMIT = Duration.ofSeconds(60);
    private static final Duration STOP_LIMIT = Duration.ofSeconds(20);
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(20);

    private final CompletableFuture<Integer> exit;

    private Orchestrator(CompletableFuture<Integer> exit) {
        this.exit = exit;
    }

    /**
     * Starts the application and waits until it is ready to draw.
     *
     * @param configuration settings that beat those of the application's own files
     * @param url where its HTTP will listen
     * @throws IllegalStateException when it stops or is not ready in time
     */
    static Orchestrator start(Map<String, String> configuration, String url) throws InterruptedException {
        configuration.forEach(System::setProperty);
        CompletableFuture<Integer> exit = new CompletableFuture<>();
        Thread.ofPlatform().name("orchestrator").daemon().start(() -> run(exit));
        Orchestrator orchestrator = new Orchestrator(exit);
        try {
            orchestrator.awaitReady(url + "/q/health/ready");
            return orchestrator;
        } catch (InterruptedException | RuntimeException e) {
            orchestrator.close();
            throw e;
        }
    }

    @Override
    public void close() {
        if (!exit.isDone()) {
            Quarkus.asyncExit();
        }
        try {
            exit.get(STOP_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            // The stack goes down in either case; what is left of the application goes with the process.
            System.getLogger(Orchestrator.class.getName())
                    .log(System.Logger.Level.WARNING, "the orchestrator did not stop in order", e);
        }
    }

    private static void run(CompletableFuture<Integer> exit) {
        try {
            Quarkus.run(WaitingApplication.class, (code, failure) -> {
                if (failure == null) {
                    exit.complete(code);
                } else {
                    exit.completeExceptionally(failure);
                }
            });
            exit.complete(0);
        } catch (RuntimeException | Error e) {
            exit.completeExceptionally(e);
        }
    }

    private void awaitReady(String url) throws InterruptedException {
        HttpRequest request =
                HttpRequest.newBuilder(URI.create(url)).timeout(START_LIMIT).build();
        long limit = System.nanoTime() + START_LIMIT.toNanos();
        try (HttpClient client =
                HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build()) {
            while (!answers(client, request)) {
                if (exit.isDone()) {
                    throw new IllegalStateException("the orchestrator stopped while starting", failure());
                }
                if (System.nanoTime() > limit) {
                    throw new IllegalStateException(
                            "the orchestrator was not ready after " + START_LIMIT.toSeconds() + " s: see " + url);
                }
                Thread.sleep(BETWEEN_LOOKS);
            }
        }
    }

    private static boolean answers(HttpClient client, HttpRequest request) throws InterruptedException {
        try {
            return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException e) {
            return false;
        }
    }

    private @Nullable Throwable failure() {
        return exit.isCompletedExceptionally() ? exit.exceptionNow() : null;
    }

    /** Runs until it is told to exit. */
    public static final class WaitingApplication implements QuarkusApplication {
        @Override
        public int run(String... args) {
            Quarkus.waitForExit();
            return 0;
        }
    }
}
