package io.wurstwerk.orchestrator;

import static io.wurstwerk.orchestrator.stack.Parts.config;
import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.wurstwerk.orchestrator.stack.Example;
import io.wurstwerk.orchestrator.stack.Parts;
import io.wurstwerk.orchestrator.stack.StackResource;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Needs a Python with the example's requirements in {@code wurstwerk.python}; {@code ./wurstwerk test --all} makes one. */
@QuarkusTest
@WithTestResource(value = StackResource.class, scope = TestResourceScope.RESTRICTED_TO_CLASS)
class PythonExampleIT {

    @TempDir
    Path folder;

    @Test
    void thePythonClientGetsUrlsOfImages() throws Exception {
        String python = System.getProperty("wurstwerk.python");
        assertThat(python).as("-Dwurstwerk.python").isNotBlank();
        try (var _ = new Parts(folder)) {
            ExamplesTest.assertImages(
                    new Example(folder).python(python, "submit.py", config("kafka.bootstrap.servers"), "order-3"));
        }
    }
}
