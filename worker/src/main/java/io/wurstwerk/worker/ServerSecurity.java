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
import java.security.cert.CertificateException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Who the server is and whom it lets in, kept up with the files that say so. */
final class ServerSecurity implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ServerSecurity.class);
    private static final long LOOK_SECONDS = 2;

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
        AdvancedTlsX509KeyManager own = new AdvancedTlsX509KeyManager();
        keepUp(
                () -> own.updateIdentityCredentials(certificate.toFile(), key.toFile()),
                "the certificate " + certificate + " and its key " + key + " cannot be read: they must be PEM files,"
                        + " the key PKCS#8 without a passphrase");
        return own;
    }

    /** A client has no host name that could be asked for. */
    private AdvancedTlsX509TrustManager trusted(Path authorities) throws IOException {
        String problem = "the clients' authorities cannot be read from " + authorities
                + ": it must be a PEM file with at least one certificate";
        try {
            AdvancedTlsX509TrustManager trusted = AdvancedTlsX509TrustManager.newBuilder()
                    .setVerification(Verification.CERTIFICATE_ONLY_VERIFICATION)
                    .build();
            keepUp(() -> trusted.updateTrustCredentials(authorities.toFile()), problem);
            if (trusted.getAcceptedIssuers().length == 0) {
                throw new IOException(problem);
            }
            return trusted;
        } catch (CertificateException missing) {
            throw new IOException(problem, missing);
        }
    }

    private interface Reading {
        void read() throws IOException, GeneralSecurityException;
    }

    /** Reads now, and again and again: the library itself would look once a minute at most. */
    private void keepUp(Reading reading, String problem) throws IOException {
        try {
            reading.read();
        } catch (IOException | GeneralSecurityException | IllegalArgumentException unreadable) {
            throw new IOException(problem + ": " + unreadable.getMessage(), unreadable);
        }
        var _ = looking.scheduleWithFixedDelay(
                () -> {
                    try {
                        reading.read();
                    } catch (IOException | GeneralSecurityException | RuntimeException half) {
                        // Written just now, perhaps; what was read last stays.
                        LOG.warn("{}: {}", problem, half.getMessage());
                    }
                },
                LOOK_SECONDS,
                LOOK_SECONDS,
                TimeUnit.SECONDS);
    }

    @Override
    public void close() {
        looking.shutdownNow();
    }
}
