package io.wurstwerk.orchestrator.store;

import io.minio.BucketExistsArgs;
import io.minio.GetObjectArgs;
import io.minio.GetPresignedObjectUrlArgs;
import io.minio.MakeBucketArgs;
import io.minio.MinioClient;
import io.minio.PutObjectArgs;
import io.minio.StatObjectArgs;
import io.minio.errors.ErrorResponseException;
import io.minio.errors.MinioException;
import io.minio.http.Method;
import io.wurstwerk.orchestrator.job.JobId;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import okhttp3.OkHttpClient;

/** Images in one bucket. Thread-safe; every call is bounded in time. */
public final class ImageStore implements AutoCloseable {

    public static final String CONTENT_TYPE = "image/png";

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration TRANSFER_TIMEOUT = Duration.ofSeconds(30);
    private static final Duration CALL_TIMEOUT = Duration.ofSeconds(60);
    private static final Duration PROBE_TIMEOUT = Duration.ofSeconds(2);

    private final StoreSettings settings;
    private final OkHttpClient http;
    private final MinioClient client;
    private final MinioClient probe;
    private final MinioClient signer;

    public ImageStore(StoreSettings settings) {
        this.settings = settings;
        this.http = new OkHttpClient.Builder()
                .connectTimeout(CONNECT_TIMEOUT)
                .readTimeout(TRANSFER_TIMEOUT)
                .writeTimeout(TRANSFER_TIMEOUT)
                .callTimeout(CALL_TIMEOUT)
                .build();
        this.client = client(settings.endpoint(), http);
        this.probe = client(
                settings.endpoint(),
                http.newBuilder().callTimeout(PROBE_TIMEOUT).build());
        this.signer = client(settings.publicEndpoint(), http);
    }

    public String bucket() {
        return settings.bucket();
    }

    public Duration urlExpiry() {
        return settings.urlExpiry();
    }

    /** Makes the bucket where it is missing. */
    public void ensureBucket() {
        ask("make bucket " + bucket(), () -> {
            if (!client.bucketExists(BucketExistsArgs.builder().bucket(bucket()).build())) {
                makeBucket();
            }
            return bucket();
        });
    }

    /** Whether the bucket can be reached right now; answers within two seconds. */
    public boolean reachable() {
        try {
            return probe.bucketExists(
                    BucketExistsArgs.builder().bucket(bucket()).build());
        } catch (MinioException | IOException | GeneralSecurityException | RuntimeException unreachable) {
            return false;
        }
    }

    /** The key under which these bytes belong. */
    public String key(String tenant, JobId job, int index, String sha256) {
        return ObjectKey.of(settings.tenantSecret(), tenant, job, index, sha256);
    }

    /** Returns when the object is there, whole and readable. Writing the same again is harmless. */
    public void put(String key, byte[] png) {
        ask("store an image", () -> {
            client.putObject(PutObjectArgs.builder().bucket(bucket()).object(key).contentType(CONTENT_TYPE).stream(
                            new ByteArrayInputStream(png), png.length, -1)
                    .build());
            long stored = client.statObject(StatObjectArgs.builder()
                            .bucket(bucket())
                            .object(key)
                            .build())
                    .size();
            if (stored != png.length) {
                throw new StoreException("the store kept " + stored + " of " + png.length + " bytes of an image");
            }
            return key;
        });
    }

    /** Where the URLs lead. */
    public URI publicEndpoint() {
        return settings.publicEndpoint();
    }

    /** Keeps a small document beside the images. Writing it again replaces it. */
    public void putDocument(String key, byte[] json) {
        ask("store a document", () -> {
            client.putObject(
                    PutObjectArgs.builder().bucket(bucket()).object(key).contentType("application/json").stream(
                                    new ByteArrayInputStream(json), json.length, -1)
                            .build());
            return key;
        });
    }

    /**
     * The bytes of an object; empty when there is no such object.
     *
     * @param most bytes that are read
     * @throws StoreException also when there are more
     */
    public Optional<byte[]> get(String key, int most) {
        return ask("read an object", () -> {
            try (var object = client.getObject(
                    GetObjectArgs.builder().bucket(bucket()).object(key).build())) {
                byte[] bytes = object.readNBytes(most + 1);
                if (bytes.length > most) {
                    throw new StoreException("an object has more than " + most + " bytes");
                }
                return Optional.of(bytes);
            } catch (ErrorResponseException refused) {
                if (refused.errorResponse().code().equals("NoSuchKey")) {
                    return Optional.empty();
                }
                throw refused;
            }
        });
    }

    /** The key of a job's manifest. */
    public String manifestKey(String tenant, JobId job) {
        return ObjectKey.manifest(settings.tenantSecret(), tenant, job);
    }

    /** A URL at the public endpoint by which anyone may read the object until it expires. Asks nobody. */
    public URI presignedGet(String key) {
        return ask(
                "sign a URL",
                () -> URI.create(signer.getPresignedObjectUrl(GetPresignedObjectUrlArgs.builder()
                        .method(Method.GET)
                        .bucket(bucket())
                        .object(key)
                        .expiry((int) urlExpiry().toSeconds(), TimeUnit.SECONDS)
                        .build())));
    }

    @Override
    public void close() {
        http.dispatcher().cancelAll();
        http.dispatcher().executorService().shutdown();
        http.connectionPool().evictAll();
    }

    private void makeBucket() throws MinioException, IOException, GeneralSecurityException {
        try {
            client.makeBucket(MakeBucketArgs.builder().bucket(bucket()).build());
        } catch (ErrorResponseException refused) {
            String code = refused.errorResponse().code();
            if (!code.equals("BucketAlreadyOwnedByYou") && !code.equals("BucketAlreadyExists")) {
                throw refused;
            }
        }
    }

    private MinioClient client(URI endpoint, OkHttpClient over) {
        return MinioClient.builder()
                .endpoint(endpoint.toString())
                .region(settings.region())
                .credentials(settings.accessKey(), settings.secretKey())
                .httpClient(over)
                .build();
    }

    private interface Request<T> {
        T send() throws MinioException, IOException, GeneralSecurityException;
    }

    private <T> T ask(String what, Request<T> request) {
        try {
            return request.send();
        } catch (InterruptedIOException interrupted) {
            if (Thread.currentThread().isInterrupted()) {
                throw new CancellationException("interrupted while asked to " + what);
            }
            throw failed(what, interrupted);
        } catch (MinioException | IOException | GeneralSecurityException failure) {
            throw failed(what, failure);
        }
    }

    private StoreException failed(String what, Exception cause) {
        return new StoreException(
                "the store at " + settings.endpoint() + " failed to " + what + ": " + cause.getMessage(), cause);
    }
}
