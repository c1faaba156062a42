package io.wurstwerk.pipeline.certificate;

import java.security.cert.CertPathBuilderException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.util.Locale;
import java.util.Optional;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;

/**
 * Why a secured connection did not come about, and what to do about it.
 *
 * @param trust the setting that names the authorities that are trusted
 * @param identity the setting that names this side's own certificate
 */
public record Refusal(String trust, String identity) {

    /** What to do, in a clause that follows the peer's name; empty when the failure is of another kind. */
    public Optional<String> explain(Throwable failure) {
        Throwable cause = failure;
        for (int depth = 0; cause != null && depth < 20; depth++) {
            Optional<String> words = words(cause);
            if (words.isPresent()) {
                return words;
            }
            cause = cause.getCause();
        }
        return Optional.empty();
    }

    private Optional<String> words(Throwable cause) {
        String message = cause.getMessage() == null ? "" : cause.getMessage();
        return switch (cause) {
            case CertificateExpiredException _ ->
                Optional.of("its certificate has expired (" + message + "): give that server a new one");
            case CertificateNotYetValidException _ ->
                Optional.of("its certificate is not valid yet (" + message + "): check that server's and this clock");
            case CertPathBuilderException _ ->
                Optional.of("its certificate is of an issuer that is not trusted here: add the issuer's certificate to"
                        + " the file of " + trust);
            case CertificateException _
            when message.startsWith("No name matching") || message.startsWith("No subject alternative") ->
                Optional.of("its certificate is for other names (" + message.strip() + "): use a name that it carries,"
                        + " or give that server a certificate for this one");
            case SSLPeerUnverifiedException _
            when message.startsWith("Hostname") ->
                Optional.of("its certificate is for other names ("
                        + message.lines().findFirst().orElse("")
                        + "): use a name that it carries, or give that server a certificate for this one");
            case SSLException _
            when message.contains("fatal alert: ") ->
                Optional.of("it refused this side (" + message.substring(message.indexOf("fatal alert: ")) + "): check "
                        + identity + ", and that the server trusts its issuer");
            case SSLException _
            when plain(message) ->
                Optional.of("it does not speak TLS there: use its secured port, or switch TLS off here");
            default -> Optional.empty();
        };
    }

    private static boolean plain(String message) {
        String words = message.toLowerCase(Locale.ROOT);
        return words.contains("unrecognized ssl message") || words.contains("not an ssl/tls record");
    }
}
