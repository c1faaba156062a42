package io.wurstwerk.worker;

import io.grpc.InsecureServerCredentials;
import io.grpc.ServerCredentials;
import io.grpc.TlsServerCredentials;
import io.grpc.util.AdvancedTlsX509KeyManager;
import io.grpc.util.AdvancedTlsX509TrustManager;
import io.grpc.util.AdvancedTlsX509TrustManager.Verification;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Who the server is and whom it lets in, kept up with the files that say so. */
final class ServerSecurity implements AutoCloseable {
    private static final long LOOK_SECONDS = 1;

    private final ScheduledExecutorService looking = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("worker-certificates").daemon().factory());

    /** @throws IOException for files that hold no certificates or keys, naming them */
    ServerCredentials credentials(WorkerOptions.@Nullable Tls files) throws IOException {
        if (files == null) {
            return InsecureServerCredentials.create();
        }
        var credentials = TlsServerCredentials.newBuilder().keyManager(own(files.certificate(), files.key()));
        if (files.clientAuthorities() != null) {
            credentials
                    .trustManager(trusted(files.clientAuthorities()))
                    .clientAuth(TlsServerCredentials.ClientAuth.REQUIRE);
        }
        return credentials.build();
    }

    private AdvancedTlsX509KeyManager own(Path certificate, Path key) throws IOException {
        try {
            AdvancedTlsX509KeyManager own = new AdvancedTlsX509KeyManager();
            var _ = own.updateIdentityCredentials(
                    certificate.toFile(), key.toFile(), LOOK_SECONDS, TimeUnit.SECONDS, looking);
            return own;
        } catch (IOException | GeneralSecurityException | IllegalArgumentException unreadable) {
            throw new IOException(
                    "the certificate " + certificate + " and its key " + key + " cannot be read: they must be PEM files,"
                            + " the key PKCS#8 without a passphrase: " + unreadable.getMessage(),
                    unreadable);
        }
    }

    /** A client has no host name that could be asked for. */
    private AdvancedTlsX509TrustManager trusted(Path authorities) throws IOException {
        try {
            AdvancedTlsX509TrustManager trusted = AdvancedTlsX509TrustManager.newBuilder()
                    .setVerification(Verification.CERTIFICATE_ONLY_VERIFICATION)
                    .build();
            var _ = trusted.updateTrustCredentials(authorities.toFile(), LOOK_SECONDS, TimeUnit.SECONDS, looking);
            return trusted;
        } catch (IOException | GeneralSecurityException | IllegalArgumentException unreadable) {
            throw new IOException(
                    "the clients' authorities cannot be read from " + authorities
                            + ": it must be a PEM file with at least one certificate: " + unreadable.getMessage(),
                    unreadable);
        }
    }

    @Override
    public void close() {
        looking.shutdownNow();
    }
}
