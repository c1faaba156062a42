package io.wurstwerk.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.Status;
import io.wurstwerk.triton.protocol.ModelConfigRequest;
import io.wurstwerk.triton.protocol.ModelInferRequest;
import io.wurstwerk.triton.protocol.ModelMetadataRequest;
import io.wurstwerk.triton.protocol.RepositoryIndexRequest;
import io.wurstwerk.triton.protocol.RepositoryIndexResponse.ModelIndex;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which models and versions of a folder are served, and what is said about the others. */
class RepositoryTest {
    private static final String TENSORS = """
            max_batch_size: 8
            input { name: "x" data_type: TYPE_FP32 dims: [ -1 ] }
            output { name: "y" data_type: TYPE_FP32 dims: [ -1 ] }
            """;

    @TempDir
    private Path repository;

    private void model(String name, String config, String... versions) throws IOException {
        Path folder = Files.createDirectories(repository.resolve(name));
        if (!config.isEmpty()) {
            Files.writeString(folder.resolve("config.pbtxt"), config);
        }
        for (String version : versions) {
            Files.createDirectories(folder.resolve(version));
            Files.copy(
                    TritonClient.REPOSITORY.resolve("half/1/model.onnx"),
                    folder.resolve(version).resolve("model.onnx"));
        }
    }

    private List<ModelIndex> index() throws IOException {
        try (Worker worker = Worker.start(WorkerOptions.of(repository));
                TritonClient client = new TritonClient(worker.grpcPort())) {
            return client.calls()
                    .repositoryIndex(RepositoryIndexRequest.getDefaultInstance())
                    .getModelsList();
        }
    }

    private String reason() throws IOException {
        List<ModelIndex> index = index();
        assertThat(index).hasSize(1);
        assertThat(index.getFirst().getState()).isEqualTo("UNAVAILABLE");
        return index.getFirst().getReason();
    }

    @Test
    void aConfigWithoutNameOrBackendIsServed() throws IOException {
        model("m", TENSORS, "1");
        assertThat(index()).extracting(ModelIndex::getState).containsExactly("READY");
    }

    @Test
    void anUnknownFieldMakesTheModelUnavailableAndIsNamed() throws IOException {
        model("m", TENSORS + "wibble: 3\n", "1");
        assertThat(reason())
                .isEqualTo("failed to read text proto from " + repository.resolve("m/config.pbtxt")
                        + ": 4:1: Input contains unknown fields and/or extensions: 4:1: inference.ModelConfig.wibble");
    }

    @Test
    void twoSchedulersAreOneTooMany() throws IOException {
        model("m", TENSORS + "dynamic_batching { } sequence_batching { }\n", "1");
        assertThat(reason()).startsWith("failed to read text proto from ").contains("sequence_batching");
    }

    @Test
    void aModelWithoutConfigIsUnavailable() throws IOException {
        model("m", "", "1");
        assertThat(reason())
                .isEqualTo("failed to open text file for read " + repository.resolve("m/config.pbtxt")
                        + ": No such file or directory");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "name: \"other\"|unexpected directory name 'm' for model 'other', directory name must equal model name",
                "dynamic_batching { preferred_batch_size: [ 16 ] }|dynamic batching preferred size must be <= max batch"
                        + " size for m",
                "input { name: \"z\" dims: [ 1 ] }|model input 'z' must specify 'data_type' for m",
                "input { name: \"z\" data_type: TYPE_FP32 }|model input 'z' must specify 'dims' for m",
                "input { name: \"z\" data_type: TYPE_FP32 dims: [ 0 ] }|model input 'z' dimension must be integer >= 1,"
                        + " or -1 to indicate a variable-size dimension for m",
                "output { name: \"z\" data_type: TYPE_FP32 dims: [ 2 ] reshape { shape: [ ] } }|model output 'z' has"
                        + " different size for dims and reshape for m",
                "sequence_batching { }|sequence_batching of model m cannot be served by this server; NVIDIA Triton can",
                "model_transaction_policy { decoupled: true }|decoupled transactions of model m cannot be served by this"
                        + " server; NVIDIA Triton can",
                "default_model_filename: \"../../x.onnx\"|default_model_filename '../../x.onnx' must not leave the"
                        + " version folder of model m",
            })
    void aContradictionIsTheReason(String lines, String reason) throws IOException {
        model("m", TENSORS + lines + "\n", "1");
        assertThat(reason()).isEqualTo(reason);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "platform: \"tensorrt_plan\"|platform 'tensorrt_plan'",
                "backend: \"tensorrt\"|backend 'tensorrt'",
                "backend: \"python\"|backend 'python'"
            })
    void aModelForAnotherBackendSaysWhatToDo(String line, String named) throws IOException {
        model("m", TENSORS + line + "\n", "1");
        assertThat(reason())
                .isEqualTo("Invalid argument: model 'm' is for " + named + ", which this server does not have: it runs"
                        + " ONNX graphs on the CPU. Serve the model with NVIDIA Triton, or start without a"
                        + " --model-config-name that selects this configuration.");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "instance_group { kind: KIND_GPU count: 1 }|Invalid argument: instance group m_0 of model m has kind"
                        + " KIND_GPU but no GPUs are available",
                "parameters { key: \"intra_op_thread_count\" value { string_value: \"many\" } }|Invalid argument:"
                        + " parameter intra_op_thread_count of model 'm' must be a number of threads, 0 for one per"
                        + " core, but is 'many'"
            })
    void whatTheMachineCannotDoIsTheReason(String line, String reason) throws IOException {
        model("m", TENSORS + line + "\n", "1");
        assertThat(reason()).isEqualTo(reason);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"x\" data|\"q\" data|unexpected inference input 'q', allowed inputs are: x",
                "\"y\" data|\"q\" data|unexpected inference output 'q', allowed outputs are: y",
                "\"x\" data_type: TYPE_FP32|\"x\" data_type: TYPE_INT64|unexpected datatype TYPE_FP32 for inference"
                        + " input 'x', expecting TYPE_INT64",
                "dims: [ -1 ] }|dims: [ -1, 4 ] }|model 'm', tensor 'x': the model expects 2 dimensions (shape"
                        + " [-1,-1]) but the model configuration specifies 3 dimensions (shape [-1,-1,4], batch"
                        + " dimension in front)"
            })
    void aConfigThatDoesNotFitTheGraphIsRefused(String from, String to, String reason) throws IOException {
        model("m", TENSORS.replace(from, to), "1");
        assertThat(reason()).isEqualTo("Invalid argument: " + reason);
    }

    @Test
    void aMissingOrBrokenGraphIsTheReason() throws IOException {
        model("broken", TENSORS, "1");
        Files.writeString(repository.resolve("broken/1/model.onnx"), "not a graph");
        model("missing", TENSORS, "1");
        Files.delete(repository.resolve("missing/1/model.onnx"));
        List<ModelIndex> index = index();
        assertThat(index.get(0).getReason()).startsWith("Internal: onnx runtime error: ");
        assertThat(index.get(1).getReason())
                .isEqualTo("Unavailable: unable to find '" + repository.resolve("missing/1/model.onnx")
                        + "' for model 'missing'");
    }

    @Test
    void theGraphMayBeAFolderOrHaveAnotherName() throws IOException {
        model("folder", TENSORS, "1");
        Path version = repository.resolve("folder/1");
        Files.move(version.resolve("model.onnx"), version.resolve("graph"));
        Files.createDirectory(version.resolve("model.onnx"));
        Files.move(version.resolve("graph"), version.resolve("model.onnx/model.onnx"));
        model("named", TENSORS + "default_model_filename: \"other.onnx\"\n", "1");
        Files.move(repository.resolve("named/1/model.onnx"), repository.resolve("named/1/other.onnx"));
        assertThat(index()).extracting(ModelIndex::getState).containsExactly("READY", "READY");
    }

    @Test
    void versionPoliciesChooseAmongTheFolders() throws IOException {
        model("all", TENSORS + "version_policy { all { } }\n", "1", "3", "10", "01", "x");
        model("latest", TENSORS, "1", "3", "10");
        model("two", TENSORS + "version_policy { latest { num_versions: 2 } }\n", "1", "3", "10");
        model("specific", TENSORS + "version_policy { specific { versions: [ 1, 7 ] } }\n", "1", "3");
        assertThat(index())
                .extracting(entry -> entry.getName() + " " + entry.getVersion() + " " + entry.getState())
                .containsExactly(
                        "all 1 READY",
                        "all 3 READY",
                        "all 10 READY",
                        "latest 10 READY",
                        "specific 1 READY",
                        "two 3 READY",
                        "two 10 READY");
    }

    @Test
    void anEmptyVersionMeansTheNewest() throws IOException {
        model("m", TENSORS + "version_policy { all { } }\n", "3", "10");
        try (Worker worker = Worker.start(WorkerOptions.of(repository));
                TritonClient client = new TritonClient(worker.grpcPort())) {
            ModelInferRequest request = ModelInferRequest.newBuilder()
                    .setModelName("m")
                    .addInputs(TritonClient.tensor("x", "FP32", 1, 1))
                    .addRawInputContents(TritonClient.floats(1))
                    .build();
            assertThat(client.calls().modelInfer(request).getModelVersion()).isEqualTo("10");
            assertThat(client.calls()
                            .modelInfer(request.toBuilder().setModelVersion("3").build())
                            .getModelVersion())
                    .isEqualTo("3");
            assertThat(client.calls()
                            .modelMetadata(ModelMetadataRequest.newBuilder()
                                    .setName("m")
                                    .build())
                            .getVersionsList())
                    .containsExactly("3", "10");
        }
    }

    @Test
    void modelsThatCannotBeServedAreNamedAndMakeTheServerNotReady() throws IOException {
        model("good", TENSORS, "1");
        model("unknown", TENSORS + "wibble: 3\n", "1");
        model("empty", TENSORS);
        try (Worker worker = Worker.start(WorkerOptions.of(repository));
                Worker lenient = Worker.start(WorkerOptions.of(repository).withStrictReadiness(false));
                TritonClient client = new TritonClient(worker.grpcPort())) {
            assertThat(worker.ready()).isFalse();
            assertThat(lenient.ready()).isTrue();
            assertThat(worker.models()).containsExactly("good");
            assertThat(worker.failures())
                    .containsOnlyKeys("empty", "unknown")
                    .containsEntry(
                            "empty",
                            "at least one version must be available under the version policy of model 'empty'");
            TritonClient.assertRefused(
                    () -> client.calls()
                            .modelInfer(ModelInferRequest.newBuilder()
                                    .setModelName("empty")
                                    .build()),
                    Status.Code.NOT_FOUND,
                    "Request for unknown model: 'empty' has no available versions");
            TritonClient.assertRefused(
                    () -> client.calls()
                            .modelConfig(ModelConfigRequest.newBuilder()
                                    .setName("unknown")
                                    .build()),
                    Status.Code.NOT_FOUND,
                    "Request for unknown model: 'unknown' is not found");
            assertThat(client.calls()
                            .repositoryIndex(RepositoryIndexRequest.newBuilder()
                                    .setReady(true)
                                    .build())
                            .getModelsList())
                    .extracting(ModelIndex::getName)
                    .containsExactly("good");
        }
    }

    @Test
    void aMissingRepositoryAndABusyPortAreSaidInOneLine() throws IOException {
        Path nowhere = repository.resolve("nowhere");
        assertThatThrownBy(() -> Worker.start(WorkerOptions.of(nowhere)))
                .isInstanceOf(IOException.class)
                .hasMessage("no model repository at " + nowhere);
        model("m", TENSORS, "1");
        try (ServerSocket busy = new ServerSocket(0, 1, java.net.InetAddress.getLoopbackAddress())) {
            int port = busy.getLocalPort();
            assertThatThrownBy(() -> Worker.start(WorkerOptions.of(repository).withGrpcPort(port)))
                    .isInstanceOf(IOException.class)
                    .hasMessageStartingWith("cannot listen on 127.0.0.1:" + port + " for gRPC: ");
            assertThatThrownBy(() -> Worker.start(WorkerOptions.of(repository).withHttpPort(port)))
                    .isInstanceOf(IOException.class)
                    .hasMessageStartingWith("cannot listen on 127.0.0.1:" + port + " for HTTP: ");
        }
    }
}
