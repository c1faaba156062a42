package io.wurstwerk.standalone.part;

import io.wurstwerk.standalone.stack.Ports;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A tritonserver over a model repository. */
public final class GenuineTriton {
    private GenuineTriton() {}

    /**
     * Starts nothing yet.
     *
     * @param script {@code worker/conformance/run-triton.sh}
     */
    public static PartProcess in(Path folder, Path script, Path repository, Ports ports) {
        return new PartProcess(
                "triton",
                folder.resolve("logs"),
                List.of(
                        script.toString(),
                        repository.toString(),
                        Integer.toString(ports.triton()),
                        Integer.toString(ports.health()),
                        Integer.toString(ports.metrics())),
                // It now and then dies of a fault of its own.
                Map.of("RESTARTS", "3"),
                PartProcess.Readiness.SAID);
    }
}
