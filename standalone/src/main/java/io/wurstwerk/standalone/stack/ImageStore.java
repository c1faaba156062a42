package io.wurstwerk.standalone.stack;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.auth.AuthenticationType;
import org.gaul.s3proxy.nio2blob.FilesystemNio2BlobStore;

/** An S3 server (S3Proxy) in this process that keeps its objects as files in a folder. */
final class ImageStore implements AutoCloseable {
    private final S3Proxy server;
    private final String endpoint;

    private ImageStore(S3Proxy server, String endpoint) {
        this.server = server;
        this.endpoint = endpoint;
    }

    /** @throws IllegalStateException when the server does not start */
    static ImageStore start(Path folder, Ports ports, Credentials credentials) {
        String endpoint = "http://" + Ports.HOST + ":" + ports.store();
        try {
            Files.createDirectories(folder);
            S3Proxy server = S3Proxy.builder()
                    .blobStore(new FilesystemNio2BlobStore(folder.toString()))
                    .endpoint(URI.create(endpoint))
                    .awsAuthentication(
                            AuthenticationType.AWS_V2_OR_V4, credentials.accessKey(), credentials.secretKey())
                    .build();
            server.start();
            return new ImageStore(server, endpoint);
        } catch (Exception e) {
            throw new IllegalStateException("the S3 store did not start on " + endpoint + " over " + folder, e);
        }
    }

    String endpoint() {
        return endpoint;
    }

    @Override
    public void close() {
        try {
            server.stop();
        } catch (Exception e) {
            throw new IllegalStateException("the S3 store on " + endpoint + " did not stop in order", e);
        }
    }
}
