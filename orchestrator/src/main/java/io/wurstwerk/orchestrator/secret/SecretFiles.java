package io.wurstwerk.orchestrator.secret;

import io.smallrye.config.ConfigSourceContext;
import io.smallrye.config.ConfigSourceFactory;
import io.smallrye.config.ConfigValue;
import io.smallrye.config.PropertiesConfigSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.config.spi.ConfigSource;
import org.jspecify.annotations.Nullable;

/**
 * Gives every secret setting {@code X} the contents of the file that {@code X-file} names, without the blanks and line ends
 * around them. Read once, at start. The framework finds it by its name in {@code META-INF/services}.
 */
public final class SecretFiles implements ConfigSourceFactory {

    /** The settings that may come from files. */
    public static final List<String> SECRETS = List.of(
            "kafka.sasl.jaas.config",
            "kafka.ssl.key.password",
            "kafka.ssl.keystore.password",
            "kafka.ssl.truststore.password",
            "wurstwerk.store.access-key",
            "wurstwerk.store.secret-key",
            "wurstwerk.store.read-access-key",
            "wurstwerk.store.read-secret-key",
            "wurstwerk.store.tenant-secret");

    private static final String SUFFIX = "-file";
    private static final int ABOVE_THE_ENVIRONMENT = 310;
    private static final long LARGEST = 64 << 10;

    /** @throws IllegalArgumentException for a file that cannot be read, is empty, or competes with the setting itself */
    @Override
    public Iterable<ConfigSource> getConfigSources(ConfigSourceContext context) {
        Map<String, String> found = new HashMap<>();
        for (String secret : SECRETS) {
            String file = value(context, secret + SUFFIX);
            if (file == null) {
                continue;
            }
            if (value(context, secret) != null) {
                throw new IllegalArgumentException(
                        secret + " and " + secret + SUFFIX + " are both set: take one of them away");
            }
            found.put(secret, read(secret + SUFFIX, Path.of(file)));
        }
        return found.isEmpty()
                ? List.of()
                : List.of(new PropertiesConfigSource(found, "files of secrets", ABOVE_THE_ENVIRONMENT));
    }

    private static @Nullable String value(ConfigSourceContext context, String name) {
        ConfigValue value = context.getValue(name);
        return value == null || value.getValue() == null || value.getValue().isBlank() ? null : value.getValue();
    }

    private static String read(String setting, Path file) {
        try {
            if (Files.size(file) > LARGEST) {
                throw new IllegalArgumentException(
                        setting + " names " + file + ", which has more than " + LARGEST + " bytes: it holds no secret");
            }
            String secret = Files.readString(file).strip();
            if (secret.isEmpty()) {
                throw new IllegalArgumentException(setting + " names " + file + ", which is empty");
            }
            // What the file says is no expression of the configuration.
            return secret.replace("$", "\\$");
        } catch (IOException unreadable) {
            throw new IllegalArgumentException(
                    setting + " names " + file
                            + ", which cannot be read: check that it is there and that this process may" + " read it ("
                            + unreadable.getClass().getSimpleName() + ")",
                    unreadable);
        }
    }
}
