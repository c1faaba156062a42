package io.wurstwerk.standalone.command;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;

/** Fetches images by the URLs of the result event and writes them, checked, to files. */
final class Download {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    /**
     * @param files one for each image, in order; written whole or not at all
     * @return the files
     * @throws IOException when a URL does not answer with the announced bytes or a file cannot be written
     */
    List<Path> to(List<Path> files, List<Outcome.DrawnImage> images) throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newBuilder().connectTimeout(LIMIT).build()) {
            for (int i = 0; i < images.size(); i++) {
                write(files.get(i), fetch(client, images.get(i)));
            }
        }
        return files;
    }

    private static byte[] fetch(HttpClient client, Outcome.DrawnImage image) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(image.url()).timeout(LIMIT).build();
        HttpResponse<byte[]> response = client.send(request, HttpResponse.BodyHandlers.ofByteArray());
        if (response.statusCode() != 200) {
            throw new IOException("image " + image.index() + ": " + response.statusCode() + " from " + image.url());
        }
        String sha256 = HexFormat.of().formatHex(sha256().digest(response.body()));
        if (!sha256.equals(image.sha256())) {
            throw new IOException("image " + image.index() + ": the bytes at " + image.url() + " have sha256 " + sha256
                    + " and not " + image.sha256());
        }
        return response.body();
    }

    private static void write(Path file, byte[] bytes) throws IOException {
        Path fresh = Files.createTempFile(file.toAbsolutePath().getParent(), ".wurstwerk-", ".part");
        try {
            Files.write(fresh, bytes);
            Files.move(fresh, file, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(fresh);
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has SHA-256", e);
        }
    }
}
