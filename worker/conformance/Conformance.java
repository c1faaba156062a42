import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Compares what the contract tests saw of a part of ours and of a genuine one, and says so in a last line
 * {@code PART N equal, M different, K not applicable}. The exit status is 1 when M is not 0 or a listed difference is
 * gone.
 *
 * <p>usage: {@code java Conformance.java PART OURS differences.txt folder...}; a folder has pairs {@code NAME-OURS.txt}
 * and {@code NAME-genuine.txt}.
 */
public final class Conformance {
    private static final String HEADING = "=== ";

    private Conformance() {}

    public static void main(String[] arguments) throws IOException {
        String part = arguments[0];
        String kind = arguments[1];
        Set<String> allowed = read(Path.of(arguments[2])).keySet();
        Map<String, String> ours = new LinkedHashMap<>();
        Map<String, String> genuine = new LinkedHashMap<>();
        for (String folder : List.of(arguments).subList(3, arguments.length)) {
            ours.putAll(readAll(Path.of(folder), "-" + kind + ".txt"));
            genuine.putAll(readAll(Path.of(folder), "-genuine.txt"));
        }
        Set<String> cases = new LinkedHashSet<>(genuine.keySet());
        cases.addAll(ours.keySet());
        List<String> different = new ArrayList<>();
        int equal = 0;
        int notApplicable = 0;
        for (String name : cases) {
            boolean same = genuine.containsKey(name) && genuine.get(name).equals(ours.get(name));
            if (same && !allowed.contains(name)) {
                equal++;
            } else if (!same && allowed.contains(name)) {
                notApplicable++;
            } else {
                different.add(name);
                System.out.println(same
                        ? "both answer alike, so it is no difference any more: " + name
                        : "different: " + name + indented("genuine", genuine.get(name))
                                + indented(kind, ours.get(name)));
            }
        }
        System.out.println(
                part + " " + equal + " equal, " + different.size() + " different, " + notApplicable + " not applicable");
        System.exit(different.isEmpty() && equal > 0 ? 0 : 1);
    }

    private static String indented(String who, String answer) {
        String text = answer == null ? "did not answer" : answer;
        return "\n  " + who + ": " + text.replace("\n", "\n    ");
    }

    private static Map<String, String> readAll(Path folder, String ending) throws IOException {
        Map<String, String> answers = new LinkedHashMap<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(path -> path.toString().endsWith(ending)).sorted().toList()) {
                answers.putAll(read(file));
            }
        }
        return answers;
    }

    private static Map<String, String> read(Path file) throws IOException {
        Map<String, String> answers = new LinkedHashMap<>();
        for (String part : ("\n" + Files.readString(file)).split("\n" + HEADING)) {
            int end = part.indexOf('\n');
            if (end > 0) {
                answers.put(part.substring(0, end), part.substring(end).strip());
            }
        }
        return answers;
    }
}
