package io.wurstwerk.worker.config;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Shape arithmetic with -1 standing for a dimension that each request chooses. */
public final class Shapes {
    /** The dimension that each request chooses. */
    public static final long VARIABLE = -1;

    private Shapes() {}

    /** As the server prints shapes: {@code [-1,16,24]}. */
    public static String text(List<Long> shape) {
        return shape.stream().map(String::valueOf).collect(Collectors.joining(",", "[", "]"));
    }

    /** Number of elements; throws ArithmeticException where it does not fit a long. */
    public static long elements(List<Long> shape) {
        long count = 1;
        for (long dimension : shape) {
            count = Math.multiplyExact(count, dimension);
        }
        return count;
    }

    /** Whether an actual shape has the rank and the fixed dimensions of a declared one. */
    public static boolean fits(List<Long> declared, List<Long> actual) {
        if (declared.size() != actual.size()) {
            return false;
        }
        for (int i = 0; i < declared.size(); i++) {
            if (declared.get(i) != VARIABLE && !declared.get(i).equals(actual.get(i))) {
                return false;
            }
        }
        return true;
    }

    /**
     * The shape {@code to} with its variable dimensions filled, in order, from where {@code actual} stands in the
     * variable dimensions of {@code from}. Both sides have equally many variable dimensions.
     */
    public static List<Long> carry(List<Long> from, List<Long> actual, List<Long> to) {
        List<Long> chosen = new ArrayList<>();
        for (int i = 0; i < from.size(); i++) {
            if (from.get(i) == VARIABLE) {
                chosen.add(actual.get(i));
            }
        }
        List<Long> carried = new ArrayList<>(to.size());
        int next = 0;
        for (long dimension : to) {
            carried.add(dimension == VARIABLE ? chosen.get(next++) : dimension);
        }
        return List.copyOf(carried);
    }

    /** The shape with one more dimension in front. */
    public static List<Long> batched(long batch, List<Long> shape) {
        List<Long> whole = new ArrayList<>(shape.size() + 1);
        whole.add(batch);
        whole.addAll(shape);
        return List.copyOf(whole);
    }
}
