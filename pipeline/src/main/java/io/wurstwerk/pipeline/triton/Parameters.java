package io.wurstwerk.pipeline.triton;

import java.util.List;

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

    int pixels(String key, int otherwise) {
        return model.parameters().containsKey(key) ? pixels(key) : otherwise;
    }
}
