package io.wurstwerk.pipeline.triton;

import io.grpc.TlsChannelCredentials;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.util.AdvancedTlsX509KeyManager;
import io.grpc.util.AdvancedTlsX509TrustManager;
import io.wurstwerk.pipeline.certificate.ChangingFiles;
import io.wurstwerk.pipeline.certificate.TlsFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Who is trusted at the other end of a channel and who this side is, kept up with the files that say so. */
final class ChannelSecurity implements AutoCloseable {
    private static final long LOOK_SECONDS = 1;

    private static final Logger LOG = LoggerFactory.getLogger(ChannelSecurity.class);

    private final AdvancedTlsX509TrustManager trusted;
    private final @Nullable AdvancedTlsX509KeyManager own;
    private final TlsFiles files;
    private final ScheduledExecutorService looking = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("triton-certificates").daemon().factory());

    /** @throws IllegalArgumentException for files that hold no certificates or keys, naming them */
    ChannelSecurity(TlsFiles files) {
        this.files = files;
        try {
            trusted = AdvancedTlsX509TrustManager.newBuilder().build();
            own = files.certificate() == null ? null : new AdvancedTlsX509KeyManager();
            if (files.ca() == null) {
                trusted.useSystemDefaultTrustCerts();
            }
            List<Path> named = Stream.of(files.ca(), files.certificate(), files.key())
                    .filter(Objects::nonNull)
                    .toList();
            ChangingFiles watched = new ChangingFiles(named, Duration.ZERO, InstantSource.system());
            read();
            if (files.ca() != null && trusted.getAcceptedIssuers().length == 0) {
                throw new IOException(files.ca() + " has no certificate");
            }
            // The library itself would look once a minute at most.
            var _ = looking.scheduleWithFixedDelay(() -> look(watched), LOOK_SECONDS, LOOK_SECONDS, TimeUnit.SECONDS);
        } catch (IOException | GeneralSecurityException | IllegalArgumentException unreadable) {
            looking.shutdownNow();
            throw new IllegalArgumentException(
                    "the certificates of the connection cannot be read: all must be PEM files, the key PKCS#8 without a"
                            + " passphrase: " + files + ": " + unreadable.getMessage(),
                    unreadable);
        }
    }

    private void look(ChangingFiles watched) {
        try {
            if (watched.changed()) {
                read();
                LOG.info("certificates of connections to model servers have changed: new connections use them");
            }
        } catch (IOException | GeneralSecurityException | RuntimeException half) {
            LOG.warn(
                    "changed certificates of connections to model servers cannot be used, so the last ones stay: {}: {}",
                    files,
                    half.getMessage());
        }
    }

    private void read() throws IOException, GeneralSecurityException {
        if (files.ca() != null) {
            trusted.updateTrustCredentials(files.ca().toFile());
        }
        if (own != null && files.certificate() != null && files.key() != null) {
            own.updateIdentityCredentials(
                    files.certificate().toFile(), files.key().toFile());
        }
    }

    /** @param authority the name that the server's certificate has to have, unless the files name another */
    NettyChannelBuilder channelTo(String host, int port, String authority) {
        var credentials = TlsChannelCredentials.newBuilder().trustManager(trusted);
        if (own != null) {
            credentials.keyManager(own);
        }
        String serverName = files.serverName();
        return NettyChannelBuilder.forAddress(host, port, credentials.build())
                .overrideAuthority(serverName == null ? authority : serverName);
    }

    @Override
    public void close() {
        looking.shutdownNow();
    }
}
