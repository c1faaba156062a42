package io.wurstwerk.orchestrator.fleet;

import java.util.OptionalDouble;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds the energy on a metrics page of Triton. What the page says is not trusted further than that it is a number. */
final class EnergyPage {
    private static final Pattern ENERGY =
            Pattern.compile("(?m)^nv_energy_consumption(?:\\{[^}\\n]{0,500}})? ([0-9.eE+-]{1,40})$");

    private EnergyPage() {}

    /** Joules since the server started, over its GPUs; empty where the page does not say, or says nonsense. */
    static OptionalDouble joules(String page) {
        Matcher found = ENERGY.matcher(page);
        double sum = 0;
        boolean any = false;
        while (found.find()) {
            try {
                double one = Double.parseDouble(found.group(1));
                if (!Double.isFinite(one) || one < 0) {
                    return OptionalDouble.empty();
                }
                sum += one;
                any = true;
            } catch (NumberFormatException nonsense) {
                return OptionalDouble.empty();
            }
        }
        return any ? OptionalDouble.of(sum) : OptionalDouble.empty();
    }
}
