package io.wurstwerk.orchestrator.studio;

import static org.assertj.core.api.Assertions.assertThat;

import io.wurstwerk.orchestrator.job.ImageOrder;
import io.wurstwerk.orchestrator.job.Schedule;
import io.wurstwerk.pipeline.ImageRequest;
import io.wurstwerk.pipeline.diffusion.ImageSize;
import io.wurstwerk.pipeline.diffusion.Timesteps;
import java.util.List;
import org.junit.jupiter.api.Test;

class ImageRequestsTest {

    @Test
    void schedulesBecomeDiffusersTables() {
        assertThat(ImageRequests.timesteps(new Schedule.Standard())).isEqualTo(Timesteps.DEFAULT_STAGE_C);
        assertThat(ImageRequests.timesteps(new Schedule.Linear(12))).isEqualTo(Timesteps.linear(12));
        assertThat(ImageRequests.timesteps(new Schedule.Listed(List.of(1.0, 0.3, 0.0))))
                .isEqualTo(Timesteps.of(1.0, 0.3, 0.0));
    }

    @Test
    void everyFieldOfTheOrderReachesTheRequestAndImageITakesSeedPlusI() {
        var order = new ImageOrder(
                "p", "n", 256, 384, "base", new Schedule.Linear(9), 8, new Schedule.Linear(3), 1.5, -1, 4);
        ImageRequest request = ImageRequests.image(order, 3);
        assertThat(request.prompt().text()).isEqualTo("p");
        assertThat(request.prompt().negative()).isEqualTo("n");
        assertThat(request.size()).isEqualTo(new ImageSize(256, 384));
        assertThat(request.prior()).isEqualTo("base");
        assertThat(request.priorTimesteps().steps()).isEqualTo(9);
        assertThat(request.priorGuidanceScale()).isEqualTo(8);
        assertThat(request.decoderTimesteps().steps()).isEqualTo(3);
        assertThat(request.decoderGuidanceScale()).isEqualTo(1.5);
        assertThat(request.seed()).isEqualTo(2);
    }
}
