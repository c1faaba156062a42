package io.wurstwerk.worker.inference;

import static io.wurstwerk.worker.inference.InferenceException.invalid;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.wurstwerk.triton.protocol.InferParameter;
import io.wurstwerk.triton.protocol.ModelInferRequest;
import io.wurstwerk.triton.protocol.ModelInferRequest.InferInputTensor;
import io.wurstwerk.worker.config.ModelSpec;
import io.wurstwerk.worker.config.TensorSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Turns a protocol request into a checked one, refusing with Triton's words in Triton's order. */
public final class RequestReader {
    private final ModelSpec model;
    private final RequestRules rules;

    public RequestReader(ModelSpec model) {
        this.model = model;
        this.rules = new RequestRules(model);
    }

    /**
     * The request in config order, every tensor with exactly the bytes its shape needs.
     *
     * @throws InferenceException INVALID_ARGUMENT where it does not fit the model, UNIMPLEMENTED where it asks for
     *     shared memory or classification
     */
    public InferenceRequest read(ModelInferRequest request) throws InferenceException {
        for (Map.Entry<String, InferParameter> parameter :
                request.getParametersMap().entrySet()) {
            RequestParameters.check(parameter.getKey(), parameter.getValue());
        }
        checkNames(request);
        Map<String, ByteString> contents = contents(request);
        List<TensorSpec> outputs = outputs(request);
        int batchSize = rules.check(request, contents);
        List<InputTensor> inputs = new ArrayList<>(request.getInputsCount());
        for (TensorSpec spec : model.inputs()) {
            for (InferInputTensor input : request.getInputsList()) {
                if (input.getName().equals(spec.name())) {
                    inputs.add(new InputTensor(
                            spec, List.copyOf(input.getShapeList()), TensorContents.of(contents, spec.name())));
                }
            }
        }
        return new InferenceRequest(request.getId(), batchSize, inputs, outputs);
    }

    private void checkNames(ModelInferRequest request) throws InferenceException {
        Set<String> seen = new HashSet<>();
        for (InferInputTensor input : request.getInputsList()) {
            if (!seen.add(input.getName())) {
                throw invalid(InferenceRequest.tag(request.getId()) + "input '" + input.getName()
                        + "' already exists in request");
            }
            refuseSharedMemory(input.getParametersMap());
        }
        for (ModelInferRequest.InferRequestedOutputTensor output : request.getOutputsList()) {
            refuseSharedMemory(output.getParametersMap());
            if (output.containsParameters("classification")) {
                throw new InferenceException(
                        Status.Code.UNIMPLEMENTED,
                        "classification of output '" + output.getName() + "' is not supported by this server");
            }
        }
    }

    private static void refuseSharedMemory(Map<String, InferParameter> parameters) throws InferenceException {
        if (parameters.containsKey("shared_memory_region")) {
            throw sharedMemoryDisabled();
        }
    }

    /** What Triton says since it switched client shared memory off by default. */
    public static InferenceException sharedMemoryDisabled() {
        return new InferenceException(
                Status.Code.UNIMPLEMENTED,
                "Client shared memory is disabled. Start the server with '--allow-client-shm=true' to enable.");
    }

    private Map<String, ByteString> contents(ModelInferRequest request) throws InferenceException {
        Map<String, ByteString> contents = new HashMap<>();
        boolean raw = request.getRawInputContentsCount() > 0;
        int next = 0;
        for (InferInputTensor input : request.getInputsList()) {
            String of = " for model '" + model.name() + "'";
            if (input.hasContents()) {
                if (raw) {
                    throw invalid("contents field must not be specified when using raw_input_contents for '"
                            + input.getName() + "'" + of);
                }
                contents.put(input.getName(), TensorContents.typed(input, model.name()));
            } else if (next < request.getRawInputContentsCount()) {
                contents.put(input.getName(), request.getRawInputContents(next++));
            } else {
                throw invalid("unable to find data for input tensor '" + input.getName() + "'" + of + " in request.");
            }
        }
        return contents;
    }

    private List<TensorSpec> outputs(ModelInferRequest request) throws InferenceException {
        if (request.getOutputsCount() == 0) {
            return model.outputs();
        }
        Set<String> wanted = new HashSet<>();
        for (ModelInferRequest.InferRequestedOutputTensor output : request.getOutputsList()) {
            if (model.output(output.getName()) == null) {
                throw invalid(
                        "unexpected inference output '" + output.getName() + "' for model '" + model.name() + "'");
            }
            wanted.add(output.getName());
        }
        return model.outputs().stream()
                .filter(output -> wanted.contains(output.name()))
                .toList();
    }
}
