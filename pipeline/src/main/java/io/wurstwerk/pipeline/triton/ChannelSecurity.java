package io.wurstwerk.pipeline.triton;

import io.grpc.TlsChannelCredentials;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.util.AdvancedTlsX509KeyManager;
import io.grpc.util.AdvancedTlsX509TrustManager;
import io.wurstwerk.pipeline.certificate.TlsFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Who is trusted at the other end of a channel and who this side is, kept up with the files that say so. */
final class ChannelSecurity implements AutoCloseable {
    private static final long LOOK_SECONDS = 1;

    private final AdvancedTlsX509TrustManager trusted;
    private final @Nullable AdvancedTlsX509KeyManager own;
    private final @Nullable String serverName;
    private final ScheduledExecutorService looking;

    private ChannelSecurity(
            AdvancedTlsX509TrustManager trusted,
            @Nullable AdvancedTlsX509KeyManager own,
            @Nullable String serverName,
            ScheduledExecutorService looking) {
        this.trusted = trusted;
        this.own = own;
        this.serverName = serverName;
        this.looking = looking;
    }

    /** @throws IllegalArgumentException for files that hold no certificates or keys, naming them */
    static ChannelSecurity of(TlsFiles files) {
        ScheduledExecutorService looking = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().name("triton-certificates").daemon().factory());
        try {
            return new ChannelSecurity(
                    trusted(files.ca(), looking),
                    own(files.certificate(), files.key(), looking),
                    files.serverName(),
                    looking);
        } catch (RuntimeException | Error wrong) {
            looking.shutdownNow();
            throw wrong;
        }
    }

    /** @param authority the name that the server's certificate has to have, unless the files name another */
    NettyChannelBuilder channelTo(String host, int port, String authority) {
        var credentials = TlsChannelCredentials.newBuilder().trustManager(trusted);
        if (own != null) {
            credentials.keyManager(own);
        }
        return NettyChannelBuilder.forAddress(host, port, credentials.build())
                .overrideAuthority(serverName == null ? authority : serverName);
    }

    private static AdvancedTlsX509TrustManager trusted(@Nullable Path ca, ScheduledExecutorService looking) {
        try {
            AdvancedTlsX509TrustManager trusted =
                    AdvancedTlsX509TrustManager.newBuilder().build();
            if (ca == null) {
                trusted.useSystemDefaultTrustCerts();
            } else {
                var _ = trusted.updateTrustCredentials(ca.toFile(), LOOK_SECONDS, TimeUnit.SECONDS, looking);
            }
            return trusted;
        } catch (IOException | GeneralSecurityException | IllegalArgumentException unreadable) {
            throw new IllegalArgumentException(
                    "the trusted certificates cannot be read from " + ca + ": it must be a PEM file with at least one: "
                            + unreadable.getMessage(),
                    unreadable);
        }
    }

    private static @Nullable AdvancedTlsX509KeyManager own(
            @Nullable Path certificate, @Nullable Path key, ScheduledExecutorService looking) {
        if (certificate == null || key == null) {
            return null;
        }
        try {
            AdvancedTlsX509KeyManager own = new AdvancedTlsX509KeyManager();
            var _ = own.updateIdentityCredentials(
                    certificate.toFile(), key.toFile(), LOOK_SECONDS, TimeUnit.SECONDS, looking);
            return own;
        } catch (IOException | GeneralSecurityException | IllegalArgumentException unreadable) {
            throw new IllegalArgumentException(
                    "the certificate " + certificate + " and its key " + key + " cannot be read: they must be PEM files,"
                            + " the key PKCS#8 without a passphrase: " + unreadable.getMessage(),
                    unreadable);
        }
    }

    @Override
    public void close() {
        looking.shutdownNow();
    }
}
