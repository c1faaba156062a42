package io.wurstwerk.orchestrator.stack;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.Date;
import java.util.concurrent.atomic.AtomicLong;
import javax.crypto.Cipher;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.PBEParameterSpec;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.pkcs.EncryptedPrivateKeyInfo;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** Issues certificates, good ones and bad ones. */
public final class Authority {
    private static final AtomicLong SERIALS = new AtomicLong(1);
    private static final String ENCRYPTION = "PBEWithHmacSHA256AndAES_256";

    private final String name;
    private final KeyPair keys;
    private final X509Certificate certificate;

    /** Somebody's certificate with its private key. */
    public record Issued(X509Certificate certificate, PrivateKey key) {

        public String certificatePem() throws GeneralSecurityException {
            return pem("CERTIFICATE", certificate.getEncoded());
        }

        public String keyPem() {
            return pem("PRIVATE KEY", key.getEncoded());
        }

        /** As Kafka wants it: the key and its certificate in one file. */
        public String both() throws GeneralSecurityException {
            return keyPem() + certificatePem();
        }

        /** As {@link #both()}, with the key behind a passphrase. */
        public String both(String passphrase) throws GeneralSecurityException, IOException {
            var secret =
                    SecretKeyFactory.getInstance(ENCRYPTION).generateSecret(new PBEKeySpec(passphrase.toCharArray()));
            Cipher cipher = Cipher.getInstance(ENCRYPTION);
            cipher.init(Cipher.ENCRYPT_MODE, secret, new PBEParameterSpec(new byte[16], 1_000));
            byte[] encrypted = cipher.doFinal(key.getEncoded());
            // The platform's own class does not know this algorithm by its name.
            var scheme = new AlgorithmIdentifier(
                    PKCSObjectIdentifiers.id_PBES2,
                    ASN1Primitive.fromByteArray(cipher.getParameters().getEncoded()));
            var info = new EncryptedPrivateKeyInfo(scheme, encrypted);
            return pem("ENCRYPTED PRIVATE KEY", info.getEncoded()) + certificatePem();
        }

        /** For a server that takes Java's own. */
        public SSLContext context() throws GeneralSecurityException, IOException {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setKeyEntry("server", key, new char[0], new Certificate[] {certificate});
            var managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            managers.init(store, new char[0]);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(managers.getKeyManagers(), null, null);
            return context;
        }
    }

    public Authority(String name) throws GeneralSecurityException, IOException, OperatorCreationException {
        this.name = name;
        this.keys = pair();
        Instant now = Instant.now();
        this.certificate = sign(name, keys, now.minus(Duration.ofDays(2)), now.plus(Duration.ofDays(2)), true);
    }

    public String pem() throws GeneralSecurityException {
        return pem("CERTIFICATE", certificate.getEncoded());
    }

    /**
     * A certificate that holds for two more days.
     *
     * @param hosts names and addresses
     */
    public Issued issue(String subject, String... hosts) throws Exception {
        return issue(subject, Duration.ofDays(2), hosts);
    }

    /** A certificate that ended an hour ago. */
    public Issued issueExpired(String subject, String... hosts) throws Exception {
        return issue(subject, Duration.ofHours(-1), hosts);
    }

    private Issued issue(String subject, Duration validity, String... hosts) throws Exception {
        KeyPair own = pair();
        Instant now = Instant.now();
        return new Issued(
                sign(subject, own, now.minus(Duration.ofDays(1)), now.plus(validity), false, hosts), own.getPrivate());
    }

    private X509Certificate sign(
            String subject, KeyPair own, Instant from, Instant until, boolean authority, String... hosts)
            throws GeneralSecurityException, IOException, OperatorCreationException {
        var builder = new JcaX509v3CertificateBuilder(
                new X500Name("CN=" + name),
                BigInteger.valueOf(SERIALS.getAndIncrement()),
                Date.from(from),
                Date.from(until),
                new X500Name("CN=" + subject),
                own.getPublic());
        builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(authority));
        if (hosts.length > 0) {
            builder.addExtension(
                    Extension.subjectAlternativeName,
                    false,
                    new GeneralNames(Arrays.stream(hosts).map(Authority::host).toArray(GeneralName[]::new)));
        }
        var signer = new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate());
        return new JcaX509CertificateConverter().getCertificate(builder.build(signer));
    }

    private static GeneralName host(String host) {
        boolean address = host.matches("[0-9.]+");
        return new GeneralName(address ? GeneralName.iPAddress : GeneralName.dNSName, host);
    }

    private static KeyPair pair() throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(256);
        return generator.generateKeyPair();
    }

    private static String pem(String what, byte[] der) {
        return "-----BEGIN " + what + "-----\n"
                + Base64.getMimeEncoder(64, "\n".getBytes(US_ASCII)).encodeToString(der) + "\n-----END " + what
                + "-----\n";
    }

    /** Puts a file in another's place at once, as whoever renews certificates should. */
    public static Path write(Path file, String contents) throws IOException {
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        Files.writeString(fresh, contents);
        return Files.move(fresh, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }
}
