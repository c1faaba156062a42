package io.wurstwerk.orchestrator.host;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import io.smallrye.config.WithParentName;
import java.time.Duration;

/** When pictures of unfinished images are made. */
@ConfigMapping(prefix = "wurstwerk.previews")
interface PreviewConfig {

    /** {@code watched}, {@code always} (for programs that read the progress topic) or {@code off}. */
    @WithParentName
    @WithDefault("watched")
    When when();

    /** Between two previews of one image, at least. */
    @WithDefault("PT0.5S")
    Duration interval();

    enum When {
        WATCHED,
        ALWAYS,
        OFF
    }
}
