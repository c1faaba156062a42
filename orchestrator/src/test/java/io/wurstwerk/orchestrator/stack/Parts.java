package io.wurstwerk.orchestrator.stack;

import io.grpc.InsecureServerCredentials;
import io.grpc.ServerCredentials;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import javax.net.ssl.SSLContext;
import org.eclipse.microprofile.config.ConfigProvider;
import org.jspecify.annotations.Nullable;

/**
 * The parts that the test of an application starts itself, at the addresses that the application was given: models and a
 * store. Both can go and come back.
 */
public final class Parts implements AutoCloseable {

    private static final Path REPOSITORY = Path.of("..", "triton-models", "repository");
    private static final Duration START = Duration.ofSeconds(90);

    public FakeTriton triton;
    public S3Server store;

    private final Path objects;
    private final ServerCredentials credentials;
    private final @Nullable SSLContext tls;

    /** @param objects the store's folder */
    public Parts(Path objects) throws Exception {
        this(objects, InsecureServerCredentials.create(), null);
    }

    /**
     * @param objects the store's folder
     * @param credentials those of the models
     * @param tls the store's certificate, where its endpoint is {@code https}
     */
    public Parts(Path objects, ServerCredentials credentials, @Nullable SSLContext tls) throws Exception {
        this.objects = objects;
        this.credentials = credentials;
        this.tls = tls;
        startTriton();
        try {
            startStore();
        } catch (Exception failed) {
            triton.close();
            throw failed;
        }
    }

    public void startTriton() throws Exception {
        triton = new FakeTriton(config("wurstwerk.triton.endpoint"), REPOSITORY, credentials);
    }

    public void startStore() throws Exception {
        startStore(tls);
    }

    /** The store comes back with another certificate. */
    public void startStore(@Nullable SSLContext certificate) throws Exception {
        store = new S3Server(URI.create(config("wurstwerk.store.endpoint")), objects, certificate);
    }

    /** The folder, with the bucket: an application that has met another store before does not make it once more. */
    public static Path withBucket(Path objects) throws Exception {
        Files.createDirectory(objects.resolve(config("wurstwerk.store.bucket")));
        return objects;
    }

    /** Returns when the application says that it is ready. */
    public static void awaitReady() throws Exception {
        var stranger = new ApiClient(config("test.url"), null);
        Patience.await(START, () -> stranger.get("/q/health/ready").status() == 200);
    }

    /** A setting of the application under test. */
    public static String config(String key) {
        return ConfigProvider.getConfig().getValue(key, String.class);
    }

    @Override
    public void close() throws Exception {
        triton.close();
        store.close();
    }
}
