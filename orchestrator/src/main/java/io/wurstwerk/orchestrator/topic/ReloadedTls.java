package io.wurstwerk.orchestrator.topic;

import io.wurstwerk.pipeline.certificate.ChangingFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import javax.net.ssl.SSLEngine;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.SslConfigs;
import org.apache.kafka.common.security.auth.SslEngineFactory;
import org.apache.kafka.common.security.ssl.DefaultSslEngineFactory;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * What Kafka's clients ask for each new connection's TLS. Kafka's own factory reads keystore and truststore when a client
 * is made and never again; this one makes a new one of it when the files have changed, so that the next connection uses
 * what they hold then. Connections that are open stay as they are.
 */
public final class ReloadedTls implements SslEngineFactory {
    private static final Logger LOG = Logger.getLogger(ReloadedTls.class);
    private static final Duration LOOK = Duration.ofSeconds(1);

    private final InstantSource clock;
    private Map<String, ?> settings = Map.of();
    private @Nullable ChangingFiles files;
    private @Nullable DefaultSslEngineFactory current;

    /** For Kafka, which knows it by its name. */
    public ReloadedTls() {
        this(InstantSource.system());
    }

    ReloadedTls(InstantSource clock) {
        this.clock = clock;
    }

    @Override
    public synchronized void configure(Map<String, ?> configs) {
        settings = configs;
        List<Path> named = Stream.of(SslConfigs.SSL_KEYSTORE_LOCATION_CONFIG, SslConfigs.SSL_TRUSTSTORE_LOCATION_CONFIG)
                .map(configs::get)
                .filter(String.class::isInstance)
                .map(location -> Path.of((String) location))
                .toList();
        try {
            files = named.isEmpty() ? null : new ChangingFiles(named, LOOK, clock);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(
                    "the certificates of kafka.ssl.keystore.location and kafka.ssl.truststore.location cannot be read: "
                            + unreadable,
                    unreadable);
        }
        current = made();
    }

    private DefaultSslEngineFactory made() {
        var factory = new DefaultSslEngineFactory();
        factory.configure(settings);
        return factory;
    }

    private synchronized DefaultSslEngineFactory fresh() {
        DefaultSslEngineFactory last = Objects.requireNonNull(current, "Kafka configures it first");
        if (files == null || !files.changed()) {
            return last;
        }
        try {
            DefaultSslEngineFactory next = made();
            last.close();
            current = next;
            LOG.info("the certificates of the connections to Kafka have changed: new connections use them");
            return next;
        } catch (KafkaException wrong) {
            LOG.warnf(
                    "the certificates of the connections to Kafka have changed and cannot be used, so the last ones stay:"
                            + " check kafka.ssl.keystore.location and kafka.ssl.truststore.location: %s",
                    KafkaTrouble.words(wrong));
            return last;
        }
    }

    @Override
    public SSLEngine createClientSslEngine(String peerHost, int peerPort, String endpointIdentification) {
        return fresh().createClientSslEngine(peerHost, peerPort, endpointIdentification);
    }

    @Override
    public SSLEngine createServerSslEngine(String peerHost, int peerPort) {
        return fresh().createServerSslEngine(peerHost, peerPort);
    }

    /** Only servers are asked for this. */
    @Override
    public boolean shouldBeRebuilt(Map<String, Object> nextConfigs) {
        return false;
    }

    @Override
    public Set<String> reconfigurableConfigs() {
        return Set.of();
    }

    @Override
    public @Nullable KeyStore keystore() {
        return fresh().keystore();
    }

    @Override
    public @Nullable KeyStore truststore() {
        return fresh().truststore();
    }

    @Override
    public synchronized void close() {
        if (current != null) {
            current.close();
        }
    }
}
