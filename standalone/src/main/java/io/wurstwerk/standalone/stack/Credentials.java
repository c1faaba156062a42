package io.wurstwerk.standalone.stack;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;

/**
 * The secrets of one stack, drawn at its first start and kept beside its data, so that URLs signed before a restart
 * stay valid after it.
 *
 * @param accessKey the store's access key
 * @param secretKey the store's secret key
 * @param tenantSecret key of the HMAC that hides tenant names in object keys
 */
public record Credentials(String accessKey, String secretKey, String tenantSecret) {

    public static Credentials in(Path folder, SecureRandom random) {
        Path file = folder.resolve("credentials");
        try {
            if (!Files.exists(file)) {
                Files.createDirectories(folder);
                Path fresh = folder.resolve("credentials.new");
                Files.deleteIfExists(fresh);
                Files.createFile(
                        fresh, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
                Files.write(fresh, List.of(hex(random, 10), hex(random, 20), hex(random, 32)));
                Files.move(fresh, file);
            }
            List<String> lines = Files.readAllLines(file);
            if (lines.size() != 3) {
                throw new IllegalStateException(file + " should hold three lines and has " + lines.size()
                        + ": delete it to have new credentials made");
            }
            return new Credentials(lines.get(0), lines.get(1), lines.get(2));
        } catch (IOException e) {
            throw new UncheckedIOException("the stack's credentials in " + file + " cannot be read or made", e);
        }
    }

    private static String hex(SecureRandom random, int bytes) {
        byte[] drawn = new byte[bytes];
        random.nextBytes(drawn);
        return HexFormat.of().formatHex(drawn);
    }

    @Override
    public String toString() {
        return "Credentials[hidden]";
    }
}
