package io.wurstwerk.pipeline.certificate;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * PEM files that secure the connection to a model server. They are read again when they change: connections that are
 * made after that use what they hold then.
 *
 * @param ca certificates of the authorities that may have issued the server's; null for those that the Java platform trusts
 * @param certificate this side's certificate and its chain, for a server that asks for one; null for none
 * @param key the private key of that certificate, PKCS#8 without a passphrase; null for none
 * @param serverName the name that the server's certificate carries, where that is not the endpoint's host; null for the host
 */
public record TlsFiles(
        @Nullable Path ca,
        @Nullable Path certificate,
        @Nullable Path key,
        @Nullable String serverName) {

    public TlsFiles {
        if ((certificate == null) != (key == null)) {
            throw new IllegalArgumentException(
                    "a certificate and its private key are named together, or neither: certificate " + certificate
                            + ", key " + key);
        }
    }
}
