package io.wurstwerk.orchestrator.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.wurstwerk.orchestrator.job.JobId;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Names of objects: {@code v1/<tenant>/<job>/<index>-<sha256>.<extension>}, where the tenant is the first 16 hexadecimal digits
 * of its HMAC-SHA-256, so that a key does not tell whose it is. Equal bytes have equal keys: writing twice is harmless.
 */
public final class ObjectKey {

    /** What the keys of drafts begin with. */
    public static final String DRAFTS = "drafts/";

    private static final String ALGORITHM = "HmacSHA256";
    private static final int TENANT_DIGITS = 16;
    private static final HexFormat HEX = HexFormat.of();

    private ObjectKey() {}

    /**
     * The key of one image.
     *
     * @param tenantSecret keeps others from computing a tenant's folder
     * @param extension of the file's format, without a dot
     */
    public static String of(String tenantSecret, String tenant, JobId job, int index, String sha256, String extension) {
        return "v1/" + tenantFolder(tenantSecret, tenant) + "/" + job + "/" + index + "-" + sha256 + "." + extension;
    }

    /**
     * The key of what a draft leaves of an image. All of them begin with {@value #DRAFTS}, so that a rule of the bucket can
     * name them; they tell neither content nor version, so that whoever finishes the draft finds them.
     */
    public static String draft(String tenantSecret, String tenant, JobId job, int index) {
        return DRAFTS + "v1/" + tenantFolder(tenantSecret, tenant) + "/" + job + "/" + index + ".latents";
    }

    /** Where the answer to a job lies, beside its images. */
    public static String manifest(String tenantSecret, String tenant, JobId job) {
        return "v1/" + tenantFolder(tenantSecret, tenant) + "/" + job + "/manifest.json";
    }

    /** Lower-case hexadecimal SHA-256. */
    public static String sha256(byte[] bytes) {
        try {
            return HEX.formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (GeneralSecurityException missing) {
            throw new IllegalStateException("every Java platform has SHA-256", missing);
        }
    }

    private static String tenantFolder(String secret, String tenant) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(new SecretKeySpec(secret.getBytes(UTF_8), ALGORITHM));
            return HEX.formatHex(mac.doFinal(tenant.getBytes(UTF_8))).substring(0, TENANT_DIGITS);
        } catch (GeneralSecurityException missing) {
            throw new IllegalStateException("every Java platform has " + ALGORITHM, missing);
        }
    }
}
