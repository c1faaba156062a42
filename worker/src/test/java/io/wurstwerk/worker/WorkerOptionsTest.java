package io.wurstwerk.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WorkerOptionsTest {
    private static final WorkerOptions OPTIONS = WorkerOptions.of(Path.of("repository"));

    @Test
    void anEmbeddedWorkerListensOnTheLoopbackInterfaceOnly() {
        assertThat(OPTIONS.host()).isEqualTo("127.0.0.1");
        assertThat(OPTIONS.ports()).isEqualTo(new WorkerOptions.Ports(0, WorkerOptions.OFF, WorkerOptions.OFF));
    }

    @Test
    void impossiblePortsAreRefused() {
        assertThatThrownBy(() -> OPTIONS.withHttpPort(65_536))
                .hasMessage("HTTP port 65536 is not between -1 and 65535");
        assertThatThrownBy(() -> OPTIONS.withGrpcPort(WorkerOptions.OFF))
                .hasMessage("gRPC port -1 is not between 0 and 65535");
    }

    @ParameterizedTest
    @ValueSource(strings = {"../secrets", "a/b", "", "gpu.pbtxt\0"})
    void aConfigNameThatIsNoFileNameIsRefused(String name) {
        assertThatThrownBy(() -> OPTIONS.withModelConfigName(name))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageEndingWith("but is '" + name + "'");
    }
}
