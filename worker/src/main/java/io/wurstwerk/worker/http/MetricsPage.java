package io.wurstwerk.worker.http;

import com.sun.management.OperatingSystemMXBean;
import io.wurstwerk.worker.http.HttpPort.Reply;
import io.wurstwerk.worker.repository.ModelRepository;
import io.wurstwerk.worker.repository.ServedModel;
import io.wurstwerk.worker.scheduling.InferenceCounters.FailureReason;
import io.wurstwerk.worker.scheduling.InferenceCounters.Snapshot;
import io.wurstwerk.worker.scheduling.InferenceCounters.Total;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToLongFunction;

/** Triton's Prometheus metrics, with its names and labels, as far as they make sense without a GPU. */
public final class MetricsPage implements HttpPort.Pages {
    private final ModelRepository repository;

    public MetricsPage(ModelRepository repository) {
        this.repository = repository;
    }

    @Override
    public Reply get(String path) {
        if (!path.equals("/metrics")) {
            return Reply.error(404, "Not Found");
        }
        StringBuilder page = new StringBuilder(4096);
        List<Counted> models = repository.served().stream()
                .map(model -> new Counted(
                        model,
                        model.scheduler().counters().snapshot(),
                        model.scheduler().pending()))
                .toList();
        Series series = new Series(page, models);
        series.counter(
                "nv_inference_request_success",
                "Number of successful inference requests, all batch sizes",
                c -> c.success().count());
        failures(page, models);
        series.counter(
                "nv_inference_count",
                "Number of inferences performed (does not include cached requests)",
                Snapshot::inferences);
        series.counter(
                "nv_inference_exec_count",
                "Number of model executions performed (does not include cached requests)",
                Snapshot::executions);
        durations(series);
        header(
                page,
                "nv_inference_pending_request_count",
                "gauge",
                "Instantaneous number of pending requests" + " awaiting execution per-model.");
        for (Counted model : models) {
            line(page, "nv_inference_pending_request_count", model.labels(""), model.pending());
        }
        machine(page);
        return new Reply(200, "text/plain; charset=utf-8", page.toString());
    }

    private static void durations(Series series) {
        series.micros(
                "nv_inference_request_duration_us",
                "Cumulative inference request duration in microseconds (includes cached requests)",
                Snapshot::success);
        series.micros(
                "nv_inference_queue_duration_us",
                "Cumulative inference queuing duration in microseconds (includes cached requests)",
                Snapshot::queue);
        series.micros(
                "nv_inference_compute_input_duration_us",
                "Cumulative compute input duration in microseconds (does not include cached requests)",
                Snapshot::input);
        series.micros(
                "nv_inference_compute_infer_duration_us",
                "Cumulative compute inference duration in microseconds (does not include cached requests)",
                Snapshot::infer);
        series.micros(
                "nv_inference_compute_output_duration_us",
                "Cumulative inference compute output duration in microseconds (does not include cached requests)",
                Snapshot::output);
    }

    private static void failures(StringBuilder page, List<Counted> models) {
        String name = "nv_inference_request_failure";
        header(page, name, "counter", "Number of failed inference requests, all batch sizes");
        for (Counted model : models) {
            Map<FailureReason, Long> failures = model.counts().failures();
            for (FailureReason reason : FailureReason.values()) {
                line(page, name, model.labels(",reason=\"" + reason + "\""), failures.getOrDefault(reason, 0L));
            }
        }
    }

    private static void machine(StringBuilder page) {
        if (ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean machine) {
            long total = machine.getTotalMemorySize();
            header(page, "nv_cpu_utilization", "gauge", "CPU utilization rate [0.0 - 1.0]");
            page.append("nv_cpu_utilization ")
                    .append(Math.max(0, machine.getCpuLoad()))
                    .append('\n');
            header(page, "nv_cpu_memory_total_bytes", "gauge", "CPU total memory (RAM), in bytes");
            line(page, "nv_cpu_memory_total_bytes", "", total);
            header(page, "nv_cpu_memory_used_bytes", "gauge", "CPU used memory (RAM), in bytes");
            line(page, "nv_cpu_memory_used_bytes", "", total - machine.getFreeMemorySize());
        }
    }

    private static String escape(String label) {
        return label.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
    }

    private static void header(StringBuilder page, String name, String type, String help) {
        page.append("# HELP ").append(name).append(' ').append(help).append('\n');
        page.append("# TYPE ").append(name).append(' ').append(type).append('\n');
    }

    private static void line(StringBuilder page, String name, String labels, long value) {
        page.append(name).append(labels).append(' ').append(value).append('\n');
    }

    private record Counted(ServedModel model, Snapshot counts, long pending) {
        String labels(String more) {
            return "{model=\"" + escape(model.name()) + "\"" + more + ",version=\"" + model.version() + "\"}";
        }
    }

    private record Series(StringBuilder page, List<Counted> models) {
        void counter(String name, String help, ToLongFunction<Snapshot> value) {
            header(page, name, "counter", help);
            for (Counted model : models) {
                line(page, name, model.labels(""), value.applyAsLong(model.counts()));
            }
        }

        void micros(String name, String help, Function<Snapshot, Total> total) {
            counter(name, help, snapshot -> total.apply(snapshot).nanos() / 1000);
        }
    }
}
