package io.wurstwerk.orchestrator.topic;

import io.wurstwerk.pipeline.certificate.Refusal;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.SaslAuthenticationException;

/** Says what is wrong between this process and Kafka, and what to do about it. */
public final class KafkaTrouble {
    private static final Refusal CERTIFICATES =
            new Refusal("kafka.ssl.truststore.location", "kafka.ssl.keystore.location");

    private KafkaTrouble() {}

    /** The failure in a line, without anything secret. */
    public static String words(Throwable failure) {
        Optional<String> certificates = CERTIFICATES.explain(failure);
        if (certificates.isPresent()) {
            return "the connection to a broker of kafka.bootstrap.servers was refused: " + certificates.get();
        }
        Throwable cause = failure;
        for (int depth = 0; cause != null && depth < 20; depth++) {
            if (cause instanceof SaslAuthenticationException) {
                return "a broker of kafka.bootstrap.servers refused the login: check kafka.sasl.mechanism and the name and"
                        + " password in kafka.sasl.jaas.config: " + cause.getMessage();
            }
            if (cause instanceof AuthorizationException) {
                return "Kafka does not let this principal do that: give it the rights it lacks: " + cause.getMessage();
            }
            if (cause instanceof AuthenticationException) {
                return "a broker of kafka.bootstrap.servers was not trusted, or did not trust this side: "
                        + deepest(cause);
            }
            cause = cause.getCause();
        }
        return failure.toString();
    }

    private static String deepest(Throwable failure) {
        Throwable cause = failure;
        for (int depth = 0; cause.getCause() != null && depth < 20; depth++) {
            cause = cause.getCause();
        }
        return cause.toString();
    }

    /**
     * Refuses settings that look secured and are not.
     *
     * @param kafka the clients' properties
     * @throws TopicException naming what is missing
     */
    static void requireSecuredAsAsked(Map<String, Object> kafka) {
        String protocol = String.valueOf(kafka.getOrDefault("security.protocol", "PLAINTEXT"));
        boolean tls = protocol.equals("SSL") || protocol.equals("SASL_SSL");
        boolean sasl = protocol.startsWith("SASL_");
        for (String name : kafka.keySet()) {
            boolean certificates = name.startsWith("ssl.keystore.") || name.startsWith("ssl.truststore.");
            if ((certificates && !tls) || (name.startsWith("sasl.jaas.") && !sasl)) {
                throw new TopicException("kafka." + name + " is set, but kafka.security.protocol is " + protocol
                        + ", which makes no use of it: set it to SSL, or SASL_SSL with a login");
            }
        }
    }
}
