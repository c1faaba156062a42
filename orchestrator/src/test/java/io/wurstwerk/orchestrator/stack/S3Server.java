package io.wurstwerk.orchestrator.stack;

import io.wurstwerk.orchestrator.store.StoreSettings;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Path;
import javax.net.ssl.SSLContext;
import org.gaul.s3proxy.AccessGrant;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.auth.AuthenticationType;
import org.gaul.s3proxy.blobstore.BlobStore;
import org.gaul.s3proxy.blobstore.ForwardingBlobStore;
import org.gaul.s3proxy.nio2blob.FilesystemNio2BlobStore;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.PutObjectResponse;

/** A real S3 server (S3Proxy) over a folder, that can go and come back. It has a principal that may only read. */
public final class S3Server implements AutoCloseable {

    public static final String ACCESS_KEY = "test-access";
    public static final String SECRET_KEY = "test-secret";
    public static final StoreSettings.Keys KEYS = new StoreSettings.Keys(ACCESS_KEY, SECRET_KEY);
    public static final StoreSettings.Keys READER = new StoreSettings.Keys("test-reader", "reader-secret-4d1c");

    public final FlawedBlobs blobs;

    private final S3Proxy server;

    public S3Server(URI endpoint, Path folder) throws Exception {
        this(endpoint, folder, null);
    }

    /** @param tls the certificate of an {@code https} endpoint */
    public S3Server(URI endpoint, Path folder, @Nullable SSLContext tls) throws Exception {
        blobs = new FlawedBlobs(new FilesystemNio2BlobStore(folder.toString()));
        var builder = S3Proxy.builder()
                .blobStore(blobs)
                .awsAuthentication(AuthenticationType.AWS_V2_OR_V4, ACCESS_KEY, SECRET_KEY);
        server = (tls == null
                        ? builder.endpoint(endpoint)
                        : builder.secureEndpoint(endpoint).sslContext(tls))
                .build();
        BlobStore readable = new Readable(blobs);
        server.setBlobStoreLocator((identity, container, blob) -> {
            if (READER.access().equals(identity)) {
                return new AccessGrant(READER.secret(), readable);
            }
            return ACCESS_KEY.equals(identity) ? new AccessGrant(SECRET_KEY, blobs) : null;
        });
        server.start();
    }

    @Override
    public void close() throws Exception {
        server.stop();
    }

    /** What the reader sees: nothing can be written. */
    private static final class Readable extends ForwardingBlobStore {
        Readable(BlobStore all) {
            super(all);
        }

        @Override
        public PutObjectResponse putBlob(PutObjectRequest request, InputStream payload) {
            throw new UnsupportedOperationException("this principal may only read");
        }
    }
}
