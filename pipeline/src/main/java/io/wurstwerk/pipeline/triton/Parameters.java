package io.wurstwerk.pipeline.triton;

import io.wurstwerk.pipeline.diffusion.SizeRange;
import java.util.List;
import java.util.stream.Stream;

/** Reads the parameters of one model's configuration, and collects what is wrong with them. */
final class Parameters {
    private final ServedModel model;
    private final List<String> problems;

    Parameters(ServedModel model, List<String> problems) {
        this.model = model;
        this.problems = problems;
    }

    String text(String key) {
        String value = model.parameters().get(key);
        if (value == null) {
            problems.add("model " + model.name() + ": parameter " + key + " is missing from its configuration");
            return "";
        }
        return value;
    }

    /** A positive number; 1 if there is none, with the problem noted. */
    double positive(String key) {
        String text = text(key);
        if (text.isEmpty() && !model.parameters().containsKey(key)) {
            return 1;
        }
        double value;
        try {
            value = Double.parseDouble(text);
        } catch (NumberFormatException e) {
            value = Double.NaN;
        }
        if (value > 0 && Double.isFinite(value)) {
            return value;
        }
        problems.add("model " + model.name() + ": parameter " + key + " is \"" + text + "\", not a positive number");
        return 1;
    }

    /** A positive whole number of pixels; 1 if there is none, with the problem noted. */
    int pixels(String key) {
        double value = positive(key);
        if (value != Math.rint(value) || value > Short.MAX_VALUE) {
            problems.add("model " + model.name() + ": parameter " + key + " is " + value + ", not a number of pixels");
            return 1;
        }
        return (int) value;
    }

    /** Ranges of image sizes separated by spaces; none where the key is absent. */
    List<SizeRange> sizes(String key) {
        String text = model.parameters().getOrDefault(key, "");
        try {
            return Stream.of(text.split(" ", -1))
                    .filter(range -> !range.isEmpty())
                    .map(SizeRange::parse)
                    .toList();
        } catch (IllegalArgumentException e) {
            problems.add("model " + model.name() + ": parameter " + key + ": " + e.getMessage());
            return List.of();
        }
    }

    int pixels(String key, int otherwise) {
        return model.parameters().containsKey(key) ? pixels(key) : otherwise;
    }
}
