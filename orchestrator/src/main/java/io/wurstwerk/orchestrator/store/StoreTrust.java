package io.wurstwerk.orchestrator.store;

import io.wurstwerk.pipeline.certificate.ChangingFiles;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jboss.logging.Logger;

/**
 * The authorities of a PEM file, and no others, may have issued the store's certificate. The file is read again when it has
 * changed. Thread-safe.
 */
final class StoreTrust implements X509TrustManager {
    private static final Logger LOG = Logger.getLogger(StoreTrust.class);
    private static final Duration LOOK = Duration.ofSeconds(1);
    /** For so long a connection may go on where another has ended, without its certificate being looked at again. */
    private static final int SESSION_SECONDS = 60;

    private final Path file;
    private final ChangingFiles watched;
    private X509TrustManager current;

    /** @throws IllegalArgumentException when the file holds no certificates */
    StoreTrust(Path file, InstantSource clock) {
        this.file = file;
        try {
            this.watched = new ChangingFiles(List.of(file), LOOK, clock);
            this.current = read(file);
        } catch (IOException | GeneralSecurityException unreadable) {
            throw new IllegalArgumentException(
                    "wurstwerk.store.tls.ca must name a PEM file with at least one certificate: " + file + ": "
                            + unreadable,
                    unreadable);
        }
    }

    SSLSocketFactory sockets() {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {this}, null);
            context.getClientSessionContext().setSessionTimeout(SESSION_SECONDS);
            return context.getSocketFactory();
        } catch (GeneralSecurityException missing) {
            throw new IllegalStateException("every Java platform has TLS", missing);
        }
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        fresh().checkServerTrusted(chain, authType);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        throw new CertificateException("the store is a server");
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return fresh().getAcceptedIssuers();
    }

    private synchronized X509TrustManager fresh() {
        if (watched.changed()) {
            try {
                current = read(file);
                LOG.infof("%s has changed: new connections to the store trust what it names now", file);
            } catch (IOException | GeneralSecurityException wrong) {
                LOG.warnf("%s has changed and names no certificates, so the last ones stay trusted: %s", file, wrong);
            }
        }
        return current;
    }

    private static X509TrustManager read(Path file) throws IOException, GeneralSecurityException {
        Collection<? extends Certificate> certificates;
        try (InputStream in = Files.newInputStream(file)) {
            certificates = CertificateFactory.getInstance("X.509").generateCertificates(in);
        }
        if (certificates.isEmpty()) {
            throw new CertificateException("there is no certificate in it");
        }
        KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
        trusted.load(null, null);
        int number = 0;
        for (Certificate certificate : certificates) {
            trusted.setCertificateEntry(Integer.toString(number++), certificate);
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(trusted);
        for (TrustManager manager : factory.getTrustManagers()) {
            if (manager instanceof X509TrustManager found) {
                return found;
            }
        }
        throw new IllegalStateException("every Java platform can check X.509 certificates");
    }
}
