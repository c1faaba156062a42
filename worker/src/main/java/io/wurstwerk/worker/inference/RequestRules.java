package io.wurstwerk.worker.inference;

import static io.wurstwerk.worker.inference.InferenceException.invalid;

import com.google.protobuf.ByteString;
import io.wurstwerk.triton.protocol.ModelInferRequest;
import io.wurstwerk.triton.protocol.ModelInferRequest.InferInputTensor;
import io.wurstwerk.worker.config.ElementType;
import io.wurstwerk.worker.config.ModelSpec;
import io.wurstwerk.worker.config.Shapes;
import io.wurstwerk.worker.config.TensorSpec;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The checks of Triton's core between a request's tensors and the model's configuration.
 *
 * <p>Inputs are visited last to first, as the core's hash map does, so that of several faults the same one is named.
 */
final class RequestRules {
    private static final String BATCH_NOTE = "NOTE: Setting a non-zero max_batch_size in the model config requires a"
            + " batch dimension to be prepended to each input shape. If you want to specify the full shape including"
            + " the batch dim in your input dims config, try setting max_batch_size to zero. See the model"
            + " configuration docs for more info on max_batch_size.";

    private final ModelSpec model;

    RequestRules(ModelSpec model) {
        this.model = model;
    }

    /** The request's batch size, 0 where the model does not batch. */
    int check(ModelInferRequest request, Map<String, ByteString> contents) throws InferenceException {
        String tag = InferenceRequest.tag(request.getId());
        List<InferInputTensor> inputs = request.getInputsList().reversed();
        checkCount(tag, inputs);
        for (InferInputTensor input : inputs) {
            declared(input);
        }
        long batchSize = model.batches() ? batchSize(tag, inputs) : 0;
        if ((int) batchSize > model.maxBatchSize()) {
            throw invalid(tag + "inference request batch-size must be <= " + model.maxBatchSize() + " for '"
                    + model.name() + "'");
        }
        for (InferInputTensor input : inputs) {
            checkTensor(tag, input);
        }
        for (InferInputTensor input : inputs) {
            checkBytes(tag, input, batchSize, TensorContents.of(contents, input.getName()));
        }
        if (model.batches() && batchSize == 0) {
            throw invalid(tag + "a batch of nothing for '" + model.name() + "'");
        }
        return Math.toIntExact(batchSize);
    }

    static String name(@Nullable ElementType type) {
        return type == null ? "<invalid>" : type.protocolName();
    }

    private void checkCount(String tag, List<InferInputTensor> inputs) throws InferenceException {
        int most = model.inputs().size();
        int required =
                (int) model.inputs().stream().filter(input -> !input.optional()).count();
        if (inputs.size() <= most && inputs.size() >= required) {
            return;
        }
        List<String> given = inputs.stream().map(InferInputTensor::getName).toList();
        String missing = model.inputs().stream()
                .filter(input -> !input.optional() && !given.contains(input.name()))
                .map(input -> "'" + input.name() + "'")
                .collect(Collectors.joining(","));
        String expected = required == most
                ? "expected " + most + " inputs but got "
                : "expected number of inputs between " + required + " and " + most + " but got ";
        throw invalid(tag + expected + inputs.size() + " inputs for model '" + model.name() + "'. Got input(s) ["
                + given.stream().map(name -> "'" + name + "'").collect(Collectors.joining(","))
                + "], but missing required input(s) [" + missing + "]. Please provide all required input(s).");
    }

    private TensorSpec declared(InferInputTensor input) throws InferenceException {
        TensorSpec spec = model.input(input.getName());
        if (spec == null) {
            throw invalid("unexpected inference input '" + input.getName() + "' for model '" + model.name() + "'");
        }
        return spec;
    }

    private long batchSize(String tag, List<InferInputTensor> inputs) throws InferenceException {
        long batchSize = 0;
        for (InferInputTensor input : inputs) {
            if (input.getShapeCount() == 0) {
                throw invalid(tag + "input '" + input.getName() + "' has no shape but model requires batch dimension"
                        + " for '" + model.name() + "'");
            }
            long first = input.getShape(0);
            if (batchSize == 0) {
                // The core keeps the batch size in 32 unsigned bits and compares what follows with that.
                batchSize = first & 0xFFFF_FFFFL;
            } else if (first != batchSize) {
                throw invalid(tag + "input '" + input.getName() + "' batch size does not match other inputs for '"
                        + model.name() + "'");
            }
        }
        return batchSize;
    }

    private void checkTensor(String tag, InferInputTensor input) throws InferenceException {
        TensorSpec spec = declared(input);
        ElementType type = ElementType.named(input.getDatatype());
        if (type != spec.type()) {
            throw invalid(
                    tag + "inference input '" + input.getName() + "' data-type is '" + name(type) + "', but model '"
                            + model.name() + "' expects '" + spec.type().protocolName() + "'");
        }
        List<Long> item = item(input);
        if (item.size() == spec.dims().size() && item.stream().anyMatch(dim -> dim < 0)) {
            throw invalid(tag + "All input dimensions should be specified for input '" + input.getName()
                    + "' for model '" + model.name() + "', got " + Shapes.text(input.getShapeList()));
        }
        if (!Shapes.fits(spec.dims(), item)) {
            throw invalid(tag + "unexpected shape for input '" + input.getName() + "' for model '" + model.name()
                    + "'. Expected " + Shapes.text(model.wireShape(spec)) + ", got "
                    + Shapes.text(input.getShapeList()) + ". " + (model.batches() ? BATCH_NOTE : ""));
        }
    }

    private void checkBytes(String tag, InferInputTensor input, long batchSize, ByteString contents)
            throws InferenceException {
        long expected;
        try {
            // To the core a batch of nothing has no batch dimension, and a shape without dimensions no elements.
            boolean scalar = model.batches() && declared(input).graphDims().isEmpty();
            long items = batchSize == 0 && scalar ? 0 : Math.max(1, batchSize);
            long elements = Math.multiplyExact(Shapes.elements(item(input)), items);
            expected = Math.multiplyExact(elements, declared(input).type().bytes());
        } catch (ArithmeticException e) {
            throw invalid(tag + "input '" + input.getName() + "' for model '" + model.name() + "' is too large: "
                    + Shapes.text(input.getShapeList()));
        }
        if (expected != contents.size()) {
            throw invalid(tag + "input byte size mismatch for input '" + input.getName() + "' for model '"
                    + model.name() + "'. Expected " + expected + ", got " + contents.size());
        }
    }

    private List<Long> item(InferInputTensor input) {
        List<Long> shape = input.getShapeList();
        return model.batches() ? shape.subList(1, shape.size()) : shape;
    }
}
