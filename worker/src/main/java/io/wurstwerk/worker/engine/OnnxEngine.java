package io.wurstwerk.worker.engine;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.grpc.Status;
import io.wurstwerk.worker.config.ConfigException;
import io.wurstwerk.worker.config.ModelSpec;
import io.wurstwerk.worker.config.Shapes;
import io.wurstwerk.worker.config.TensorSpec;
import io.wurstwerk.worker.inference.InferenceException;
import io.wurstwerk.worker.inference.InferenceRequest;
import io.wurstwerk.worker.inference.InputTensor;
import io.wurstwerk.worker.inference.OutputTensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An ONNX graph in ONNX Runtime, called with stacked requests. */
final class OnnxEngine implements Engine {
    private static final Logger LOG = LoggerFactory.getLogger(OnnxEngine.class);

    private final ModelSpec model;
    private final OrtSession session;
    private final LongSupplier nanoTime;
    private final Map<String, GraphTensor> inputs = new HashMap<>();
    private final Map<String, GraphTensor> outputs = new HashMap<>();
    private final ConcurrentLinkedQueue<Workspace> idle = new ConcurrentLinkedQueue<>();
    private final Set<Workspace> running = ConcurrentHashMap.newKeySet();
    private volatile boolean aborted;

    OnnxEngine(ModelSpec model, OrtSession session, LongSupplier nanoTime) throws OrtException, ConfigException {
        this.model = model;
        this.session = session;
        this.nanoTime = nanoTime;
        if (model.inputs().size() != session.getNumInputs()) {
            throw new ConfigException("unable to load model '" + model.name() + "', configuration expects "
                    + model.inputs().size() + " inputs, model provides " + session.getNumInputs());
        }
        for (GraphTensor input : GraphTensor.bind(model, "input", model.inputs(), session.getInputInfo())) {
            inputs.put(input.spec().name(), input);
        }
        for (GraphTensor output : GraphTensor.bind(model, "output", model.outputs(), session.getOutputInfo())) {
            outputs.put(output.spec().name(), output);
        }
    }

    @Override
    public Execution execute(List<InferenceRequest> batch) throws InferenceException {
        Workspace workspace = null;
        try {
            workspace = idle.poll();
            if (workspace == null) {
                workspace = new Workspace();
            }
            running.add(workspace);
            if (aborted) {
                throw exiting();
            }
            return execute(batch, workspace);
        } catch (OrtException e) {
            if (aborted) {
                throw exiting();
            }
            throw new InferenceException(Status.Code.INTERNAL, words(e), e);
        } finally {
            if (workspace != null) {
                running.remove(workspace);
                idle.add(workspace);
            }
        }
    }

    /** As Triton's own backend has it: number and message of the error, without what the Java interface adds. */
    private static String words(OrtException failure) {
        int number = failure.getCode().compareTo(OrtException.OrtErrorCode.ORT_OK);
        String added = "Error code - " + failure.getCode() + " - message: ";
        String message = String.valueOf(failure.getMessage());
        return "onnx runtime error " + number + ": "
                + (message.startsWith(added) ? message.substring(added.length()) : message);
    }

    private Execution execute(List<InferenceRequest> batch, Workspace workspace)
            throws OrtException, InferenceException {
        long started = nanoTime.getAsLong();
        Map<String, OnnxTensor> feeds = new HashMap<>();
        try {
            for (int i = 0; i < batch.getFirst().inputs().size(); i++) {
                InputTensor first = batch.getFirst().inputs().get(i);
                feeds.put(first.spec().name(), gather(batch, i, workspace));
            }
            long gathered = nanoTime.getAsLong();
            Set<String> wanted = wanted(batch);
            try (OrtSession.Result result = session.run(feeds, wanted, workspace.runOptions())) {
                long ran = nanoTime.getAsLong();
                List<List<OutputTensor>> answers = scatter(batch, result);
                return new Execution(answers, gathered - started, ran - gathered, nanoTime.getAsLong() - ran);
            }
        } finally {
            feeds.values().forEach(OnnxTensor::close);
        }
    }

    private OnnxTensor gather(List<InferenceRequest> batch, int index, Workspace workspace) throws OrtException {
        InputTensor first = batch.getFirst().inputs().get(index);
        GraphTensor graph = inputs.get(first.spec().name());
        if (graph == null) {
            throw new IllegalStateException("input " + first.spec().name() + " is not bound");
        }
        List<Long> item =
                model.batches() ? first.shape().subList(1, first.shape().size()) : first.shape();
        List<Long> shape = Shapes.carry(first.spec().dims(), item, first.spec().graphDims());
        long bytes = 0;
        for (InferenceRequest request : batch) {
            long wire = request.inputs().get(index).contents().size();
            bytes += wire / first.spec().type().bytes() * graph.type().bytes();
        }
        ByteBuffer buffer = workspace.buffer(first.spec().name(), Math.toIntExact(bytes));
        for (InferenceRequest request : batch) {
            ByteString contents = request.inputs().get(index).contents();
            if (graph.converts()) {
                ByteBuffer wire = contents.asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
                FloatConversion.convert(wire, first.spec().type(), buffer, graph.type());
            } else {
                contents.copyTo(buffer);
            }
        }
        List<Long> whole = model.batches() ? Shapes.batched(items(batch), shape) : shape;
        long[] dimensions = whole.stream().mapToLong(Long::longValue).toArray();
        return OnnxTensor.createTensor(OnnxLoader.environment(), buffer.flip(), dimensions, graph.javaType());
    }

    private static int items(List<InferenceRequest> batch) {
        return batch.stream().mapToInt(InferenceRequest::batchSize).sum();
    }

    private static Set<String> wanted(List<InferenceRequest> batch) {
        Set<String> wanted = new LinkedHashSet<>();
        for (InferenceRequest request : batch) {
            request.outputs().forEach(output -> wanted.add(output.name()));
        }
        return wanted;
    }

    private List<List<OutputTensor>> scatter(List<InferenceRequest> batch, OrtSession.Result result)
            throws InferenceException {
        List<List<OutputTensor>> answers = new ArrayList<>(batch.size());
        batch.forEach(request -> answers.add(new ArrayList<>(request.outputs().size())));
        int items = items(batch);
        for (TensorSpec spec : model.outputs()) {
            Optional<ai.onnxruntime.OnnxValue> value = result.get(spec.name());
            GraphTensor graph = outputs.get(spec.name());
            if (value.isEmpty() || graph == null) {
                continue;
            }
            OnnxTensor tensor = (OnnxTensor) value.get();
            List<Long> item = itemShape(spec, tensor, items);
            ByteBuffer contents = contents(graph, tensor);
            int perItem = items == 0 ? contents.remaining() : contents.remaining() / items;
            int offset = 0;
            for (int i = 0; i < batch.size(); i++) {
                InferenceRequest request = batch.get(i);
                int length = perItem * request.items();
                if (request.outputs().contains(spec)) {
                    ByteString slice = UnsafeByteOperations.unsafeWrap(contents.slice(offset, length));
                    answers.get(i).add(new OutputTensor(spec, wireShape(request, item), slice));
                }
                offset += length;
            }
        }
        return answers;
    }

    private List<Long> wireShape(InferenceRequest request, List<Long> item) {
        return model.batches() ? Shapes.batched(request.batchSize(), item) : item;
    }

    private List<Long> itemShape(TensorSpec spec, OnnxTensor tensor, int items) throws InferenceException {
        List<Long> shape = Arrays.stream(tensor.getInfo().getShape()).boxed().toList();
        boolean stacked = !model.batches() || (!shape.isEmpty() && shape.getFirst() == items);
        List<Long> item = model.batches() && !shape.isEmpty() ? shape.subList(1, shape.size()) : shape;
        if (!stacked || !Shapes.fits(spec.graphDims(), item)) {
            throw new InferenceException(
                    Status.Code.INTERNAL,
                    "output '" + spec.name() + "' of model '" + model.name() + "' has shape " + Shapes.text(shape)
                            + " for a batch of " + items + ", but the configuration declares "
                            + Shapes.text(model.wireShape(spec)));
        }
        return Shapes.carry(spec.graphDims(), item, spec.dims());
    }

    private static ByteBuffer contents(GraphTensor graph, OnnxTensor tensor) {
        ByteBuffer raw = tensor.getByteBuffer();
        if (!graph.converts()) {
            return raw;
        }
        raw.order(ByteOrder.LITTLE_ENDIAN);
        int elements = raw.remaining() / graph.type().bytes();
        ByteBuffer converted =
                ByteBuffer.allocate(elements * graph.spec().type().bytes()).order(ByteOrder.LITTLE_ENDIAN);
        FloatConversion.convert(raw, graph.type(), converted, graph.spec().type());
        return converted.flip();
    }

    private static InferenceException exiting() {
        return new InferenceException(Status.Code.UNAVAILABLE, "Server exiting");
    }

    @Override
    public void abort() {
        aborted = true;
        for (Workspace workspace : running) {
            try {
                workspace.runOptions().setTerminate(true);
            } catch (OrtException e) {
                LOG.warn("cannot end a running execution of model '{}'", model.name(), e);
            }
        }
    }

    @Override
    public void close() {
        idle.forEach(Workspace::close);
        try {
            session.close();
        } catch (OrtException e) {
            LOG.warn("cannot free model '{}'", model.name(), e);
        }
    }
}
