package io.wurstwerk.orchestrator.engine;

import io.wurstwerk.orchestrator.job.ImageOrder;
import io.wurstwerk.orchestrator.job.StoredImage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Writes down which lane is asked for what, a line a call, and answers when the test says so. */
final class RecordedCalls implements Ports.Studio, Ports.Gallery {
    private final List<String> lines = new ArrayList<>();
    /** The call under way for each job's image, by the order's seed. */
    private final Map<Integer, ImageId> underWay = new HashMap<>();

    private final Map<ImageId, Integer> steps = new HashMap<>();
    private @Nullable Engine engine;

    private record Chalk(int stageCSteps) implements Canvas {
        @Override
        public boolean resumable() {
            return true;
        }

        @Override
        public byte[] state() {
            return new byte[] {(byte) stageCSteps};
        }
    }

    private record Parts(Log log, Studio studio, Gallery gallery) implements Ports {}

    Ports with(Ports.Log log) {
        return new Parts(log, this, this);
    }

    void answer(Engine answered) {
        engine = answered;
    }

    /** The lines since the last call. */
    List<String> take() {
        List<String> taken = List.copyOf(lines);
        lines.clear();
        return taken;
    }

    boolean underWay(int job) {
        return underWay.containsKey(job);
    }

    /** The call under way for the job works. */
    void work(int job) {
        ImageId image = ended(job);
        engine().handle(new Event.Stepped(image, new Chalk(steps.getOrDefault(image, 0))));
    }

    void refuse(int job, Event.Refusal refusal) {
        engine().handle(new Event.Refused(ended(job), refusal));
    }

    private ImageId ended(int job) {
        ImageId image = underWay.remove(job);
        if (image == null) {
            throw new AssertionError("no call is under way for job " + job);
        }
        return image;
    }

    private Engine engine() {
        if (engine == null) {
            throw new AssertionError("answers go to an engine");
        }
        return engine;
    }

    private static int number(ImageId image) {
        for (int number = 1; number < 10; number++) {
            if (Samples.id(number).equals(image.job())) {
                return number;
            }
        }
        throw new AssertionError("an unknown job");
    }

    @Override
    public void begin(ImageId image, String lane, String tenant, ImageOrder order, Optional<Checkpoint.Latents> from) {
        ordered("begin", image, lane, 0);
    }

    @Override
    public void step(ImageId image, String lane, Canvas canvas) {
        ordered("step", image, lane, canvas.stageCSteps() + 1);
    }

    private void ordered(String what, ImageId image, String lane, int step) {
        lines.add(what + " " + number(image) + " on " + lane);
        underWay.put(number(image), image);
        steps.put(image, step);
    }

    @Override
    public void abandon(ImageId image) {
        underWay.remove(number(image), image);
    }

    @Override
    public void keep(ImageId image, String tenant, Picture picture) {
        throw new AssertionError("nothing is drawn to its end here");
    }

    @Override
    public StoredImage sign(int index, StoredObject object) {
        throw new AssertionError("nothing is stored here");
    }
}
