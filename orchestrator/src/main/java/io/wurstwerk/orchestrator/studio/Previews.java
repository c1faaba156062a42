package io.wurstwerk.orchestrator.studio;

import io.wurstwerk.orchestrator.engine.ImageId;
import io.wurstwerk.orchestrator.job.JobId;
import io.wurstwerk.pipeline.diffusion.Generation;
import io.wurstwerk.pipeline.diffusion.Generation.Denoising;
import io.wurstwerk.pipeline.diffusion.PreviewMap;
import io.wurstwerk.pipeline.diffusion.Stage;
import io.wurstwerk.pipeline.image.Preview;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Makes previews of images that somebody watches, each at a bounded rate: of every step of Stage C that is due,
 * and once of its end, which may be while Stage B draws. For the others nothing is computed. Thread-safe.
 */
public final class Previews {
    private static final int REMEMBERED = 1_000;

    private final Watchers watchers;
    private final Duration interval;
    private final Clock clock;
    private final Map<Subject, Shown> shown = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Subject, Shown> eldest) {
            return size() > REMEMBERED;
        }
    };

    private record Subject(JobId job, int index) {}

    /** @param end whether it was of the latents as Stage C left them, which do not change any more */
    private record Shown(Instant at, boolean end) {}

    /** @param interval between two previews of an image, at least */
    public Previews(Watchers watchers, Duration interval, Clock clock) {
        this.watchers = watchers;
        this.interval = interval;
        this.clock = clock;
    }

    /**
     * The preview of a step, if it is wanted, due and possible.
     *
     * @param map how the checkpoint's latents look; asked only for a preview that is wanted and due
     */
    Optional<Preview> of(ImageId image, Supplier<Optional<PreviewMap>> map, Generation before, Generation after) {
        if (!(before instanceof Denoising step)
                || !(after instanceof Denoising next)
                || !watchers.watching(image.job())
                || !due(new Subject(image.job(), image.index()), next.stage() == Stage.STAGE_B)) {
            return Optional.empty();
        }
        return map.get().map(colours -> Preview.of(colours, next.stageCShape(), step.outlook(next)));
    }

    private boolean due(Subject subject, boolean end) {
        Instant now = clock.instant();
        synchronized (shown) {
            Shown last = shown.get(subject);
            if (last != null && ((end && last.end()) || now.isBefore(last.at().plus(interval)))) {
                return false;
            }
            shown.put(subject, new Shown(now, end));
            return true;
        }
    }
}
