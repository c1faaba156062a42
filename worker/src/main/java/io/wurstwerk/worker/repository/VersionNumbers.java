package io.wurstwerk.worker.repository;

import static io.wurstwerk.worker.inference.InferenceException.invalid;

import io.wurstwerk.triton.protocol.ModelVersionPolicy;
import io.wurstwerk.worker.inference.InferenceException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Model versions: those on disk, those a policy serves, and those that requests name. */
final class VersionNumbers {
    /** Stands for "the newest one that is ready". */
    static final long NEWEST = -1;

    private static final Pattern FOLDER = Pattern.compile("[1-9][0-9]{0,17}");
    private static final Pattern LEADING_NUMBER = Pattern.compile("\\s*([+-]?[0-9]+)");

    private VersionNumbers() {}

    /** The version folders of a model, ascending; other names and those with a leading zero are no versions. */
    static List<Long> present(Path model) throws IOException {
        try (Stream<Path> entries = Files.list(model)) {
            return entries.filter(Files::isDirectory)
                    .map(folder -> folder.getFileName().toString())
                    .filter(name -> FOLDER.matcher(name).matches())
                    .map(Long::valueOf)
                    .sorted()
                    .toList();
        }
    }

    /** Those of the present versions that the policy serves, ascending. */
    static List<Long> served(ModelVersionPolicy policy, List<Long> present) {
        return switch (policy.getPolicyChoiceCase()) {
            case ALL -> present;
            case SPECIFIC ->
                present.stream()
                        .filter(policy.getSpecific().getVersionsList()::contains)
                        .toList();
            case LATEST, POLICYCHOICE_NOT_SET -> {
                int count = Math.max(1, policy.getLatest().getNumVersions());
                yield present.subList(Math.max(0, present.size() - count), present.size());
            }
        };
    }

    /** The version a request names: like the C function, whatever number the text begins with. */
    static long requested(String text) throws InferenceException {
        if (text.isEmpty()) {
            return NEWEST;
        }
        Matcher number = LEADING_NUMBER.matcher(text);
        long version;
        try {
            version = number.lookingAt() ? Long.parseLong(number.group(1)) : Long.MIN_VALUE;
        } catch (NumberFormatException e) {
            version = Long.MIN_VALUE;
        }
        if (version == Long.MIN_VALUE) {
            throw invalid("failed to get model version from specified version string '" + text
                    + "' (details: stol), version should be an integral value > 0");
        }
        if (version < 0) {
            throw invalid("invalid model version specified '" + text + "' , version should be an integral value > 0");
        }
        return version;
    }
}
