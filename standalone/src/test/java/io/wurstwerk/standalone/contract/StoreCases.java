package io.wurstwerk.standalone.contract;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.minio.GetBucketLifecycleArgs;
import io.minio.GetPresignedObjectUrlArgs;
import io.minio.RemoveObjectArgs;
import io.minio.errors.ErrorResponseException;
import io.minio.http.Method;
import io.wurstwerk.orchestrator.store.ImageStore;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** What a store is asked. Each case has keys of its own. */
final class StoreCases {
    private static final byte[] IMAGE = "an image".getBytes(UTF_8);
    private static final String PNG = "image/png";
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private StoreCases() {}

    static List<ContractCase<StoreConversation>> all() {
        return List.of(
                new ContractCase<>("the bucket is made, and asked for again", StoreCases::bucket),
                new ContractCase<>("the rule that deletes drafts", StoreCases::drafts),
                new ContractCase<>("an image is stored", StoreCases::stored),
                new ContractCase<>("an image of eleven megabytes is stored", StoreCases::large),
                new ContractCase<>("each of fifty images is read as soon as it is stored", StoreCases::readAfterWrite),
                new ContractCase<>("one image is stored eight times at once", StoreCases::together),
                new ContractCase<>("a document is written again", StoreCases::again),
                new ContractCase<>("an upload breaks off", StoreCases::brokenOff),
                new ContractCase<>("an upload is not what its checksum says", StoreCases::damaged),
                new ContractCase<>("an object that is not there", StoreCases::missing),
                new ContractCase<>("an object is deleted, and deleted again", StoreCases::deleted),
                new ContractCase<>("the keys under a prefix, three at a time", StoreCases::listed),
                new ContractCase<>("a signed URL is read", StoreCases::read),
                new ContractCase<>("a signed URL is used for something else", StoreCases::misused),
                new ContractCase<>("a signed URL is changed", StoreCases::forged),
                new ContractCase<>("a signed URL is read too late", StoreCases::expired),
                new ContractCase<>("nobody's credentials", StoreCases::anonymous),
                new ContractCase<>("wrong credentials", StoreCases::wrong),
                new ContractCase<>("a bucket that is not there", StoreCases::elsewhere));
    }

    private static String bucket(StoreConversation part) {
        part.store.ensureBucket();
        return "reachable " + part.store.reachable();
    }

    private static String drafts(StoreConversation part) throws Exception {
        try {
            var rules = part.client.getBucketLifecycle(GetBucketLifecycleArgs.builder()
                    .bucket(StoreConversation.BUCKET)
                    .build());
            return rules.rules().stream()
                    .map(rule -> rule.status() + " " + rule.filter().prefix() + " "
                            + rule.expiration().days() + " days")
                    .toList()
                    .toString();
        } catch (ErrorResponseException refused) {
            return refused.errorResponse().code();
        }
    }

    private static String stored(StoreConversation part) throws Exception {
        part.store.put("v1/a/stored.png", IMAGE, PNG);
        return part.stat("v1/a/stored.png", IMAGE) + "\nread: "
                + new String(part.store.get("v1/a/stored.png", 100).orElseThrow(), UTF_8);
    }

    /** The client sends what is larger than five megabytes in parts. */
    private static String large(StoreConversation part) throws Exception {
        byte[] bytes = new byte[11 << 20];
        new Random(1).nextBytes(bytes);
        part.store.put("v1/a/large.png", bytes, PNG);
        return part.stat("v1/a/large.png", bytes) + "\nread equal: "
                + Arrays.equals(
                        bytes, part.store.get("v1/a/large.png", bytes.length).orElseThrow());
    }

    private static String readAfterWrite(StoreConversation part) {
        int equal = 0;
        for (int i = 0; i < 50; i++) {
            byte[] bytes = ("image " + i).getBytes(UTF_8);
            String key = "v1/b/" + i + ".png";
            part.store.put(key, bytes, PNG);
            equal += Arrays.equals(bytes, part.store.get(key, 100).orElse(new byte[0])) ? 1 : 0;
        }
        return equal + " of 50";
    }

    private static String together(StoreConversation part) throws Exception {
        byte[] bytes = new byte[1 << 20];
        new Random(2).nextBytes(bytes);
        try (var threads = Executors.newFixedThreadPool(8)) {
            List<Future<?>> puts = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                puts.add(threads.submit(() -> part.store.put("v1/c/same.png", bytes, PNG)));
            }
            for (Future<?> put : puts) {
                put.get(60, TimeUnit.SECONDS);
            }
        }
        return part.list("v1/c/", 10) + "\n" + part.stat("v1/c/same.png", bytes);
    }

    private static String again(StoreConversation part) throws Exception {
        part.store.putDocument("v1/d/manifest.json", "{\"old\": 1}".getBytes(UTF_8));
        byte[] fresh = "{}".getBytes(UTF_8);
        part.store.putDocument("v1/d/manifest.json", fresh);
        return part.stat("v1/d/manifest.json", fresh) + "\nread: "
                + new String(part.store.get("v1/d/manifest.json", 100).orElseThrow(), UTF_8);
    }

    private static String brokenOff(StoreConversation part) throws Exception {
        part.store.put("v1/e/old.png", IMAGE, PNG);
        sendHalf(part, "v1/e/old.png");
        sendHalf(part, "v1/e/new.png");
        return "what was there: " + part.stat("v1/e/old.png", IMAGE) + "\nwhat was not: "
                + part.stat("v1/e/new.png", IMAGE) + "\nkeys: " + part.list("v1/e/", 10);
    }

    /** Half of what was promised, and then the end of the connection, which the store has seen when it ends its side. */
    private static void sendHalf(StoreConversation part, String key) throws Exception {
        URI url = presigned(part, Method.PUT, key);
        try (Socket socket = new Socket(url.getHost(), url.getPort())) {
            socket.setSoTimeout((int) LIMIT.toMillis());
            OutputStream out = socket.getOutputStream();
            out.write(("PUT " + url.getRawPath() + "?" + url.getRawQuery() + " HTTP/1.1\r\nHost: " + url.getAuthority()
                            + "\r\nContent-Type: image/png\r\nContent-Length: 100000\r\n\r\n")
                    .getBytes(UTF_8));
            out.write(new byte[50_000]);
            out.flush();
            socket.shutdownOutput();
            socket.getInputStream().readAllBytes();
        }
    }

    private static String damaged(StoreConversation part) throws Exception {
        String right = Base64.getEncoder()
                .encodeToString(MessageDigest.getInstance("MD5").digest(IMAGE));
        URI url = presigned(part, Method.PUT, "v1/f/damaged.png");
        return "damaged: "
                + part.ask("PUT", url, HttpRequest.BodyPublishers.ofString("another"), "Content-MD5", right)
                + "\nthen there: " + part.stat("v1/f/damaged.png", IMAGE) + "\nwhole: "
                + part.ask("PUT", url, HttpRequest.BodyPublishers.ofByteArray(IMAGE), "Content-MD5", right)
                + "\nthen there: " + part.stat("v1/f/damaged.png", IMAGE).replaceAll(", .*, the", ", the");
    }

    private static String missing(StoreConversation part) throws Exception {
        return "get: "
                + part.store.get("v1/nothing.png", 100).map(_ -> "something").orElse("empty") + "\nhead: "
                + part.stat("v1/nothing.png", IMAGE) + "\nsigned URL: "
                + part.ask("GET", part.signed("v1/nothing.png"));
    }

    private static String deleted(StoreConversation part) throws Exception {
        part.store.put("v1/g/gone.png", IMAGE, PNG);
        for (int i = 0; i < 2; i++) {
            part.client.removeObject(RemoveObjectArgs.builder()
                    .bucket(StoreConversation.BUCKET)
                    .object("v1/g/gone.png")
                    .build());
        }
        return part.stat("v1/g/gone.png", IMAGE) + ", keys: " + part.list("v1/g/", 10);
    }

    private static String listed(StoreConversation part) throws Exception {
        for (int i : new int[] {3, 0, 4, 1, 2}) {
            part.store.put("v1/list/job/" + i + ".png", IMAGE, PNG);
        }
        part.store.put("v1/list2/job/0.png", IMAGE, PNG);
        return String.join("\n", part.list("v1/list/", 3));
    }

    private static String read(StoreConversation part) throws Exception {
        part.store.put("v1/h/signed.png", IMAGE, PNG);
        HttpRequest request = HttpRequest.newBuilder(part.signed("v1/h/signed.png"))
                .timeout(LIMIT)
                .build();
        HttpResponse<byte[]> answer = part.http.send(request, HttpResponse.BodyHandlers.ofByteArray());
        var headers = answer.headers();
        return answer.statusCode() + " " + new String(answer.body(), UTF_8) + "\ncontent-type: "
                + headers.firstValue("content-type").orElse("none") + "\ncontent-length: "
                + headers.firstValue("content-length").orElse("none") + "\nETag: "
                + (headers.firstValue("etag").orElse("").equals('"' + StoreConversation.md5(IMAGE) + '"')
                        ? "its MD5 in quotes"
                        : headers.firstValue("etag").orElse("none"));
    }

    private static String misused(StoreConversation part) throws Exception {
        part.store.put("v1/i/signed.png", IMAGE, PNG);
        part.store.put("v1/i/other.png", IMAGE, PNG);
        URI url = part.signed("v1/i/signed.png");
        return "HEAD: " + part.ask("HEAD", url) + "\nPUT: "
                + part.ask("PUT", url, HttpRequest.BodyPublishers.ofString("x")) + "\nDELETE: "
                + part.ask("DELETE", url) + "\nanother key: "
                + part.ask("GET", URI.create(url.toString().replace("signed.png", "other.png"))) + "\nthe bucket: "
                + part.ask("GET", URI.create(url.toString().replace("/v1/i/signed.png", "/"))) + "\nafter that: "
                + part.stat("v1/i/signed.png", IMAGE);
    }

    private static String forged(StoreConversation part) throws Exception {
        part.store.put("v1/j/signed.png", IMAGE, PNG);
        String url = part.signed("v1/j/signed.png").toString();
        String last = url.substring(url.length() - 1);
        return "as it was: " + part.ask("GET", URI.create(url)) + "\na longer life: "
                + part.ask("GET", URI.create(url.replace("X-Amz-Expires=3600", "X-Amz-Expires=7200")))
                + "\nanother signature: "
                + part.ask("GET", URI.create(url.substring(0, url.length() - 1) + (last.equals("0") ? "1" : "0")))
                + "\nno signature: " + part.ask("GET", URI.create(url.substring(0, url.indexOf('?'))));
    }

    private static String expired(StoreConversation part) throws Exception {
        part.store.put("v1/k/short.png", IMAGE, PNG);
        URI url = part.store.presignedGet("v1/k/short.png", Duration.ofSeconds(1));
        String answer = part.ask("GET", url);
        for (long end = System.nanoTime() + LIMIT.toNanos();
                answer.equals("200") && System.nanoTime() < end;
                answer = part.ask("GET", url)) {
            Thread.onSpinWait();
        }
        return answer;
    }

    private static String anonymous(StoreConversation part) throws Exception {
        part.store.put("v1/l/private.png", IMAGE, PNG);
        String bucket = part.endpoint + "/" + StoreConversation.BUCKET;
        return "read: " + part.ask("GET", URI.create(bucket + "/v1/l/private.png")) + "\nlist: "
                + part.ask("GET", URI.create(bucket + "/?list-type=2")) + "\nwrite: "
                + part.ask("PUT", URI.create(bucket + "/v1/l/foreign.png"), HttpRequest.BodyPublishers.ofString("x"))
                + "\nthen there: " + part.stat("v1/l/foreign.png", IMAGE);
    }

    private static String wrong(StoreConversation part) {
        try (ImageStore secret = part.store(StoreConversation.BUCKET, part.credentials.accessKey(), "not-the-secret");
                ImageStore key = part.store(StoreConversation.BUCKET, "nobody", part.credentials.secretKey())) {
            return "secret: " + StoreConversation.code(() -> secret.put("v1/m/x.png", IMAGE, PNG)) + ", reachable "
                    + secret.reachable() + "\nkey: " + StoreConversation.code(() -> key.put("v1/m/x.png", IMAGE, PNG))
                    + ", reachable " + key.reachable();
        }
    }

    private static String elsewhere(StoreConversation part) {
        try (ImageStore store = part.store("nowhere", part.credentials.accessKey(), part.credentials.secretKey())) {
            String before = "put: " + StoreConversation.code(() -> store.put("v1/n/x.png", IMAGE, PNG)) + "\nget: "
                    + StoreConversation.code(() -> store.get("v1/n/x.png", 100)) + "\nreachable: " + store.reachable();
            store.ensureBucket();
            return before + "\nmade, then: " + StoreConversation.code(() -> store.put("v1/n/x.png", IMAGE, PNG));
        }
    }

    private static URI presigned(StoreConversation part, Method method, String key) throws Exception {
        return URI.create(part.client.getPresignedObjectUrl(GetPresignedObjectUrlArgs.builder()
                .method(method)
                .bucket(StoreConversation.BUCKET)
                .object(key)
                .expiry(1, TimeUnit.HOURS)
                .build()));
    }
}
