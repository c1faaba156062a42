package io.wurstwerk.orchestrator.store;

import io.minio.BucketExistsArgs;
import io.minio.GetObjectArgs;
import io.minio.GetPresignedObjectUrlArgs;
import io.minio.MakeBucketArgs;
import io.minio.MinioClient;
import io.minio.PutObjectArgs;
import io.minio.SetBucketLifecycleArgs;
import io.minio.StatObjectArgs;
import io.minio.StatObjectResponse;
import io.minio.errors.ErrorResponseException;
import io.minio.errors.MinioException;
import io.minio.http.Method;
import io.minio.messages.Expiration;
import io.minio.messages.LifecycleConfiguration;
import io.minio.messages.LifecycleRule;
import io.minio.messages.RuleFilter;
import io.minio.messages.Status;
import io.wurstwerk.orchestrator.job.JobId;
import io.wurstwerk.pipeline.certificate.Refusal;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.URI;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZonedDateTime;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import okhttp3.OkHttpClient;

/** Images in one bucket. Thread-safe; every call is bounded in time. */
public final class ImageStore implements AutoCloseable {

    private static final Refusal CERTIFICATES = new Refusal("wurstwerk.store.tls.ca", "this process's certificate");
    private static final int DRAFT_DAYS = 7;
    private static final Duration PROBE_TIMEOUT = Duration.ofSeconds(2);

    /**
     * How long a silent store is waited for.
     *
     * @param connect for a connection
     * @param transfer for the next bytes to go or come
     * @param call for one request as a whole
     */
    public record Limits(Duration connect, Duration transfer, Duration call) {
        public static final Limits DEFAULT =
                new Limits(Duration.ofSeconds(5), Duration.ofSeconds(30), Duration.ofSeconds(60));
    }

    private final StoreSettings settings;
    private final OkHttpClient http;
    private final MinioClient client;
    private final MinioClient probe;
    private final MinioClient signer;

    public ImageStore(StoreSettings settings, Limits limits) {
        this.settings = settings;
        this.http = http(settings, limits);
        this.client = client(settings.endpoint(), settings.keys(), http);
        this.probe = client(
                settings.endpoint(),
                settings.keys(),
                http.newBuilder().callTimeout(PROBE_TIMEOUT).build());
        this.signer = client(settings.publicEndpoint(), settings.readKeys(), http);
    }

    private static OkHttpClient http(StoreSettings settings, Limits limits) {
        var http = new OkHttpClient.Builder()
                .connectTimeout(limits.connect())
                .readTimeout(limits.transfer())
                .writeTimeout(limits.transfer())
                .callTimeout(limits.call());
        if (settings.ca() != null) {
            var trust = new StoreTrust(settings.ca(), InstantSource.system());
            http.sslSocketFactory(trust.sockets(), trust);
        }
        return http.build();
    }

    public String bucket() {
        return settings.bucket();
    }

    /** Of URLs in events. */
    public Duration urlExpiry() {
        return settings.urlExpiry();
    }

    /** Of URLs that the HTTP API gives. */
    public Duration apiUrlExpiry() {
        return settings.apiUrlExpiry();
    }

    /**
     * Makes the bucket where it is missing, and asks the store to forget drafts after a week. A bucket that was there keeps
     * the rules that its operator gave it.
     *
     * @return false when the bucket is new and the store takes no such rules
     */
    public boolean ensureBucket() {
        return ask("make bucket " + bucket(), () -> {
            if (client.bucketExists(BucketExistsArgs.builder().bucket(bucket()).build())) {
                return true;
            }
            makeBucket();
            return expiresDrafts();
        });
    }

    private boolean expiresDrafts() {
        var week = new Expiration((ZonedDateTime) null, DRAFT_DAYS, null);
        var rule = new LifecycleRule(
                Status.ENABLED, null, week, new RuleFilter(ObjectKey.DRAFTS), "drafts", null, null, null);
        try {
            client.setBucketLifecycle(SetBucketLifecycleArgs.builder()
                    .bucket(bucket())
                    .config(new LifecycleConfiguration(List.of(rule)))
                    .build());
            return true;
        } catch (MinioException | IOException | GeneralSecurityException unsupported) {
            return false;
        }
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
    public String key(String tenant, JobId job, int index, String sha256, String extension) {
        return ObjectKey.of(settings.tenantSecret(), tenant, job, index, sha256, extension);
    }

    /**
     * Returns when the object is there, readable, and the very bytes that were given. Writing the same again is
     * harmless.
     *
     * @throws StoreException also when the store took the object and kept something else
     */
    public void put(String key, byte[] file, String contentType) {
        ask("store an image", () -> {
            client.putObject(PutObjectArgs.builder().bucket(bucket()).object(key).contentType(contentType).stream(
                            new ByteArrayInputStream(file), file.length, -1)
                    .build());
            requireKept(key, file);
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

    /** The key of what a draft leaves of an image. */
    public String draftKey(String tenant, JobId job, int index) {
        return ObjectKey.draft(settings.tenantSecret(), tenant, job, index);
    }

    /** The key of a job's manifest. */
    public String manifestKey(String tenant, JobId job) {
        return ObjectKey.manifest(settings.tenantSecret(), tenant, job);
    }

    /** A URL at the public endpoint by which anyone may read this object, until it expires. Asks nobody. */
    public URI presignedGet(String key, Duration expiry) {
        return ask(
                "sign a URL",
                () -> URI.create(signer.getPresignedObjectUrl(GetPresignedObjectUrlArgs.builder()
                        .method(Method.GET)
                        .bucket(bucket())
                        .object(key)
                        .expiry((int) expiry.toSeconds(), TimeUnit.SECONDS)
                        .build())));
    }

    @Override
    public void close() {
        http.dispatcher().cancelAll();
        http.dispatcher().executorService().shutdown();
        http.connectionPool().evictAll();
    }

    /**
     * A store may say yes and keep less or something else. The ETag of what it keeps is the MD5 of its bytes, except
     * where the object was written in parts or encrypted: then they are read again.
     */
    private void requireKept(String key, byte[] file) throws MinioException, IOException, GeneralSecurityException {
        StatObjectResponse kept = client.statObject(
                StatObjectArgs.builder().bucket(bucket()).object(key).build());
        if (kept.size() != file.length) {
            throw new StoreException("the store kept " + kept.size() + " of " + file.length + " bytes of an image");
        }
        String md5 = HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(file));
        if (!md5.equals(kept.etag()) && !Arrays.equals(file, read(key, file.length))) {
            throw new StoreException("the store kept other bytes than those of the image");
        }
    }

    private byte[] read(String key, int length) throws MinioException, IOException, GeneralSecurityException {
        try (InputStream object = client.getObject(
                GetObjectArgs.builder().bucket(bucket()).object(key).build())) {
            return object.readNBytes(length);
        }
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

    private MinioClient client(URI endpoint, StoreSettings.Keys keys, OkHttpClient over) {
        return MinioClient.builder()
                .endpoint(endpoint.toString())
                .region(settings.region())
                .credentials(keys.access(), keys.secret())
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
        } catch (StoreException found) {
            throw found;
        } catch (MinioException | IOException | GeneralSecurityException | RuntimeException failure) {
            // The client meets some answers that are no S3 with unchecked exceptions of its own.
            throw failed(what, failure);
        }
    }

    private StoreException failed(String what, Exception cause) {
        String reason = CERTIFICATES.explain(cause).orElseGet(() -> String.valueOf(cause.getMessage()));
        return new StoreException("the store at " + settings.endpoint() + " failed to " + what + ": " + reason, cause);
    }
}
