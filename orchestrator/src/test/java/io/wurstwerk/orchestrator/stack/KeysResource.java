package io.wurstwerk.orchestrator.stack;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Map;
import org.jose4j.jwk.JsonWebKey.OutputControlLevel;

/** Two tenants with API keys and a small quota, who may also come with tokens of an issuer. */
public final class KeysResource implements QuarkusTestResourceLifecycleManager {

    public static final String ACME = "acme-key-9f0b7d1e";
    public static final String BOLT = "bolt-key-31c6aa52";
    public static final int OPEN_JOBS = 4;

    /** Holds the issuer's key, for those who want to be its tenants. */
    public static final String ISSUER_KEY = "test.issuer.key";

    private Issuer issuer;
    private Path file;

    @Override
    public Map<String, String> start() {
        try {
            issuer = new Issuer();
            file = Files.createTempFile("wurstwerk-keys", ".txt");
            Files.writeString(file, "# key, tenant\n" + sha256(ACME) + " acme\n" + sha256(BOLT) + "  bolt # second\n");
            return Map.of(
                    "wurstwerk.tenants.keys-file",
                    file.toString(),
                    "wurstwerk.tenants.oidc.issuer",
                    issuer.url(),
                    "wurstwerk.tenants.oidc.audience",
                    Issuer.AUDIENCE,
                    "wurstwerk.tenants.oidc.claim",
                    Issuer.CLAIM,
                    ISSUER_KEY,
                    issuer.key().toJson(OutputControlLevel.INCLUDE_PRIVATE),
                    "wurstwerk.tenants.open-jobs",
                    Integer.toString(OPEN_JOBS));
        } catch (Exception failed) {
            throw new IllegalStateException("no keys for the test", failed);
        }
    }

    @Override
    public void stop() {
        try {
            issuer.close();
            Files.deleteIfExists(file);
        } catch (IOException left) {
            throw new IllegalStateException("cannot delete " + file, left);
        }
    }

    private static String sha256(String key) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(key.getBytes(UTF_8)));
    }
}
