package io.wurstwerk.orchestrator.prompt;

import static org.assertj.core.api.Assertions.assertThat;

import io.wurstwerk.orchestrator.contract.Document;
import io.wurstwerk.orchestrator.contract.Schemas;
import io.wurstwerk.orchestrator.job.Problem;
import io.wurstwerk.pipeline.Catalog;
import io.wurstwerk.pipeline.Checkpoint;
import io.wurstwerk.pipeline.diffusion.ImageSize;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class RequestFieldsTest {

    @Test
    void theFieldsThatAreReadAreThoseOfTheSchema() {
        var problems = new ArrayList<Problem>();
        var fields = new RequestFields(Schemas.JSON.createObjectNode(), problems);
        var catalog = new Catalog(
                List.of(new Checkpoint("base", 8.0, "", new ImageSize(256, 256), 128, 512, 128, List.of())));
        new RequestValidation(catalog).check(fields, problems, () -> 0);
        assertThat(fields.known())
                .isEqualTo(Schemas.read(Document.REQUEST)
                        .path("properties")
                        .propertyStream()
                        .map(Map.Entry::getKey)
                        .collect(Collectors.toSet()));
    }
}
