package io.wurstwerk.standalone.contract;

import io.minio.ListObjectsArgs;
import io.minio.MinioClient;
import io.minio.StatObjectArgs;
import io.minio.errors.ErrorResponseException;
import io.wurstwerk.orchestrator.store.ImageStore;
import io.wurstwerk.orchestrator.store.StoreException;
import io.wurstwerk.orchestrator.store.StoreSettings;
import io.wurstwerk.standalone.stack.Credentials;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A store as the orchestrator uses it, as a plain client sees it, and as anyone with a URL sees it. */
final class StoreConversation implements AutoCloseable {
    static final String BUCKET = "wurstwerk";

    private static final Pattern CODE = Pattern.compile("<Code>([A-Za-z0-9]+)</Code>");

    final URI endpoint;
    final Credentials credentials;
    final ImageStore store;
    final MinioClient client;
    final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();

    private final AutoCloseable server;

    StoreConversation(URI endpoint, Credentials credentials, AutoCloseable server) {
        this.endpoint = endpoint;
        this.credentials = credentials;
        this.server = server;
        this.store = store(BUCKET, credentials.accessKey(), credentials.secretKey());
        this.client = MinioClient.builder()
                .endpoint(endpoint.toString())
                .region("us-east-1")
                .credentials(credentials.accessKey(), credentials.secretKey())
                .build();
        store.ensureBucket();
    }

    /** The orchestrator's own view of the store, with other settings. */
    ImageStore store(String bucket, String accessKey, String secretKey) {
        var keys = new StoreSettings.Keys(accessKey, secretKey);
        return new ImageStore(
                new StoreSettings(endpoint, endpoint, "us-east-1", bucket, keys, "secret"), ImageStore.Limits.DEFAULT);
    }

    /** A URL of an object that anyone may read for an hour. */
    URI signed(String key) {
        return store.presignedGet(key, Duration.ofHours(1));
    }

    /** Size, content type and kind of ETag of an object, or the store's code. */
    String stat(String key, byte[] expected) throws Exception {
        try {
            var found = client.statObject(
                    StatObjectArgs.builder().bucket(BUCKET).object(key).build());
            String etag = found.etag().equals(md5(expected))
                    ? "its MD5"
                    : found.etag().matches("[0-9a-f]{32}-[0-9]+") ? "that of its parts" : "something else";
            return found.size() + " bytes, " + found.contentType() + ", the ETag is " + etag;
        } catch (ErrorResponseException refused) {
            return refused.errorResponse().code();
        }
    }

    List<String> list(String prefix, int page) throws Exception {
        List<String> keys = new ArrayList<>();
        for (var item : client.listObjects(ListObjectsArgs.builder()
                .bucket(BUCKET)
                .prefix(prefix)
                .recursive(true)
                .maxKeys(page)
                .build())) {
            keys.add(item.get().objectName());
        }
        return keys;
    }

    /** Status and, where it is refused, the code of the answer. */
    String ask(String method, URI url) throws Exception {
        return ask(method, url, HttpRequest.BodyPublishers.noBody());
    }

    String ask(String method, URI url, HttpRequest.BodyPublisher body, String... headers) throws Exception {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(url).timeout(Duration.ofSeconds(20)).method(method, body);
        for (int i = 0; i < headers.length; i += 2) {
            request.header(headers[i], headers[i + 1]);
        }
        HttpResponse<String> answer = http.send(request.build(), HttpResponse.BodyHandlers.ofString());
        Matcher code = CODE.matcher(answer.body());
        return answer.statusCode() + (answer.statusCode() >= 300 && code.find() ? " " + code.group(1) : "");
    }

    /** The code in a refusal that the orchestrator met. */
    static String code(Runnable refused) {
        try {
            refused.run();
            return "done";
        } catch (StoreException failure) {
            return failure.getCause() instanceof ErrorResponseException answer
                    ? answer.errorResponse().code()
                    : failure.getMessage().toLowerCase(Locale.ROOT);
        }
    }

    static String md5(byte[] bytes) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(bytes));
    }

    @Override
    public void close() throws Exception {
        store.close();
        client.close();
        http.close();
        server.close();
    }
}
