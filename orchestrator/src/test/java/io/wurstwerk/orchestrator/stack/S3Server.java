package io.wurstwerk.orchestrator.stack;

import java.net.URI;
import java.nio.file.Path;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.auth.AuthenticationType;
import org.gaul.s3proxy.nio2blob.FilesystemNio2BlobStore;

/** A real S3 server (S3Proxy) over a folder, that can go and come back. */
public final class S3Server implements AutoCloseable {

    public static final String ACCESS_KEY = "test-access";
    public static final String SECRET_KEY = "test-secret";

    public final FlawedBlobs blobs;

    private final S3Proxy server;

    public S3Server(URI endpoint, Path folder) throws Exception {
        blobs = new FlawedBlobs(new FilesystemNio2BlobStore(folder.toString()));
        server = S3Proxy.builder()
                .blobStore(blobs)
                .endpoint(endpoint)
                .awsAuthentication(AuthenticationType.AWS_V2_OR_V4, ACCESS_KEY, SECRET_KEY)
                .build();
        server.start();
    }

    @Override
    public void close() throws Exception {
        server.stop();
    }
}
