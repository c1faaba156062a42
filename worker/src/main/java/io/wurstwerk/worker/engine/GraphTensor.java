package io.wurstwerk.worker.engine;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.TensorInfo;
import io.wurstwerk.worker.config.ConfigException;
import io.wurstwerk.worker.config.ElementType;
import io.wurstwerk.worker.config.ModelSpec;
import io.wurstwerk.worker.config.Shapes;
import io.wurstwerk.worker.config.TensorSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A tensor of the config tied to the graph's tensor of the same name.
 *
 * @param spec what the config declares
 * @param type element type in the graph
 * @param javaType the same for ONNX Runtime's Java interface
 */
record GraphTensor(TensorSpec spec, ElementType type, OnnxJavaType javaType) {
    boolean converts() {
        return spec.type() != type;
    }

    /** Ties the config's tensors of one kind ("input" or "output") to the graph's. */
    static List<GraphTensor> bind(ModelSpec model, String kind, List<TensorSpec> specs, Map<String, NodeInfo> graph)
            throws ConfigException {
        List<GraphTensor> bound = new ArrayList<>();
        for (TensorSpec spec : specs) {
            NodeInfo node = graph.get(spec.name());
            if (node == null) {
                throw new ConfigException("unexpected inference " + kind + " '" + spec.name() + "', allowed " + kind
                        + "s are: " + String.join(", ", new TreeSet<>(graph.keySet())));
            }
            if (!(node.getInfo() instanceof TensorInfo tensor)) {
                throw new ConfigException("unsupported non-tensor " + kind + " '" + spec.name() + "'");
            }
            bound.add(bind(model, kind, spec, tensor));
        }
        return List.copyOf(bound);
    }

    private static GraphTensor bind(ModelSpec model, String kind, TensorSpec spec, TensorInfo tensor)
            throws ConfigException {
        ElementType type = elementType(tensor.onnxType);
        boolean settable = type != ElementType.UINT16 && type != ElementType.UINT32 && type != ElementType.UINT64;
        if (type == null || (kind.equals("input") && !settable)) {
            throw new ConfigException(
                    "unsupported datatype " + tensor.onnxType + " for inference " + kind + " '" + spec.name() + "'");
        }
        if (type != spec.type() && !FloatConversion.possible(type, spec.type())) {
            throw new ConfigException("unexpected datatype TYPE_" + type.protocolName() + " for inference " + kind
                    + " '" + spec.name() + "', expecting TYPE_" + spec.type().protocolName());
        }
        List<Long> declared = model.batches() ? Shapes.batched(Shapes.VARIABLE, spec.graphDims()) : spec.graphDims();
        List<Long> shape = Arrays.stream(tensor.getShape()).boxed().toList();
        if (!agree(declared, shape)) {
            throw new ConfigException("model '" + model.name() + "', tensor '" + spec.name()
                    + "': the model expects " + shape.size() + " dimensions (shape " + Shapes.text(shape)
                    + ") but the model configuration specifies " + declared.size() + " dimensions (shape "
                    + Shapes.text(declared) + (model.batches() ? ", batch dimension in front)" : ")"));
        }
        return new GraphTensor(spec, type, tensor.type);
    }

    private static boolean agree(List<Long> declared, List<Long> graph) {
        if (declared.size() != graph.size()) {
            return false;
        }
        for (int i = 0; i < graph.size(); i++) {
            boolean free = declared.get(i) == Shapes.VARIABLE || graph.get(i) < 0;
            if (!free && !declared.get(i).equals(graph.get(i))) {
                return false;
            }
        }
        return true;
    }

    private static @Nullable ElementType elementType(TensorInfo.OnnxTensorType type) {
        return switch (type) {
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_BOOL -> ElementType.BOOL;
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT8 -> ElementType.UINT8;
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT16 -> ElementType.UINT16;
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT32 -> ElementType.UINT32;
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT64 -> ElementType.UINT64;
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT8 -> ElementType.INT8;
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT16 -> ElementType.INT16;
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT32 -> ElementType.INT32;
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64 -> ElementType.INT64;
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT16 -> ElementType.FP16;
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_BFLOAT16 -> ElementType.BF16;
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT -> ElementType.FP32;
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_DOUBLE -> ElementType.FP64;
            default -> null;
        };
    }
}
