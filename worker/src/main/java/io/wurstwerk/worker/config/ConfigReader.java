package io.wurstwerk.worker.config;

import com.google.protobuf.TextFormat;
import io.wurstwerk.triton.protocol.ModelConfig;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Reads config.pbtxt files in protobuf's text format. */
public final class ConfigReader {
    private static final long LARGEST_FILE = 1 << 20;
    private static final TextFormat.Parser PARSER = TextFormat.Parser.newBuilder()
            .setSingularOverwritePolicy(TextFormat.Parser.SingularOverwritePolicy.FORBID_SINGULAR_OVERWRITES)
            .build();

    private ConfigReader() {}

    /**
     * The configuration as written, not yet completed.
     *
     * @param model the model's folder
     * @param configName reads {@code configs/<configName>.pbtxt} where the model has one, else {@code config.pbtxt}
     * @throws ConfigException when there is none, or it is not a ModelConfig; names file, line and field
     */
    public static ModelConfig read(Path model, @Nullable String configName) throws ConfigException {
        Path file = file(model, configName);
        ModelConfig.Builder config = ModelConfig.newBuilder();
        try {
            if (Files.size(file) > LARGEST_FILE) {
                throw new ConfigException("failed to read text proto from " + file + ": larger than 1 MiB");
            }
            PARSER.merge(Files.readString(file), config);
        } catch (TextFormat.ParseException e) {
            throw new ConfigException("failed to read text proto from " + file + ": "
                    + String.valueOf(e.getMessage()).replaceAll("\\s+", " "));
        } catch (CharacterCodingException e) {
            throw new ConfigException("failed to read text proto from " + file + ": not UTF-8 text");
        } catch (IOException e) {
            String why = Files.exists(file) ? e.toString() : "No such file or directory";
            throw new ConfigException("failed to open text file for read " + file + ": " + why);
        }
        return config.build();
    }

    private static Path file(Path model, @Nullable String configName) {
        if (configName != null) {
            Path named = model.resolve("configs").resolve(configName + ".pbtxt");
            if (Files.isRegularFile(named)) {
                return named;
            }
        }
        return model.resolve("config.pbtxt");
    }
}
