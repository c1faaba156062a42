package io.wurstwerk.pipeline.triton;

import io.wurstwerk.pipeline.text.PromptTokenizer;
import io.wurstwerk.pipeline.triton.ServedModel.Tensor;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The tensors that a model must take and give. Dimensions: {@link #ANY} where any value will do. */
record ModelContract(Map<String, Slot> inputs, Map<String, Slot> outputs) {
    static final long ANY = -1;
    private static final long TOKENS = PromptTokenizer.LENGTH;

    /** FP32 on CPUs; on GPUs a half type, where the model's configuration declares it. */
    private static final Set<TensorType> HALF = EnumSet.of(TensorType.FP16, TensorType.BF16, TensorType.FP32);

    record Slot(Set<TensorType> types, List<Long> dims) {
        static Slot of(TensorType type, Long... dims) {
            return new Slot(EnumSet.of(type), List.of(dims));
        }

        static Slot half(Long... dims) {
            return new Slot(HALF, List.of(dims));
        }

        private boolean fits(Tensor tensor) {
            return types.stream().anyMatch(type -> type.name().equals(tensor.type())) && fits(tensor.dims());
        }

        private boolean fits(List<Long> actual) {
            if (actual.size() != dims.size()) {
                return false;
            }
            for (int i = 0; i < dims.size(); i++) {
                if (dims.get(i) != ANY && !dims.get(i).equals(actual.get(i))) {
                    return false;
                }
            }
            return true;
        }

        @Override
        public String toString() {
            return String.join(
                            " or ",
                            types.stream().map(TensorType::name).sorted().toList())
                    + " " + dims;
        }
    }

    static ModelContract textEncoder() {
        Map<String, Slot> inputs = new LinkedHashMap<>();
        inputs.put("input_ids", Slot.of(TensorType.INT64, TOKENS));
        inputs.put("attention_mask", Slot.of(TensorType.INT64, TOKENS));
        return new ModelContract(inputs, Map.of("last_hidden_state", Slot.half(TOKENS, ANY)));
    }

    static ModelContract stageC(long textWidth) {
        Map<String, Slot> inputs = new LinkedHashMap<>();
        inputs.put("x", Slot.half(16L, ANY, ANY));
        inputs.put("r", Slot.of(TensorType.FP32, 1L));
        inputs.put("c", Slot.half(TOKENS, textWidth));
        return new ModelContract(inputs, Map.of("eps", Slot.half(16L, ANY, ANY)));
    }

    static ModelContract stageB(long textWidth) {
        Map<String, Slot> inputs = new LinkedHashMap<>();
        inputs.put("x", Slot.half(4L, ANY, ANY));
        inputs.put("r", Slot.of(TensorType.FP32, 1L));
        inputs.put("effnet", Slot.of(TensorType.FP32, 16L, ANY, ANY));
        inputs.put("clip", Slot.half(TOKENS, textWidth));
        return new ModelContract(inputs, Map.of("eps", Slot.half(4L, ANY, ANY)));
    }

    static ModelContract stageA() {
        return new ModelContract(
                Map.of("latents", Slot.half(4L, ANY, ANY)), Map.of("image", Slot.of(TensorType.UINT8, ANY, ANY, 3L)));
    }

    /** Adds to {@code problems} whatever of {@code model} does not fit. */
    void check(ServedModel model, List<String> problems) {
        if (model.maxBatchSize() < 1) {
            problems.add("model " + model.name() + ": max_batch_size is " + model.maxBatchSize()
                    + ", but must be at least 1");
        }
        check(model.name(), "input", inputs, model.inputs(), problems);
        check(model.name(), "output", outputs, model.outputs(), problems);
        for (String name : model.inputs().keySet()) {
            if (!inputs.containsKey(name)) {
                problems.add("model " + model.name() + ": input " + name + " is unknown to this client");
            }
        }
    }

    private static void check(
            String model, String kind, Map<String, Slot> slots, Map<String, Tensor> actual, List<String> problems) {
        slots.forEach((name, slot) -> {
            Tensor tensor = actual.get(name);
            if (tensor == null) {
                problems.add("model " + model + ": " + kind + " " + name + " (" + slot + ") is missing");
            } else if (!slot.fits(tensor)) {
                problems.add("model " + model + ": " + kind + " " + name + " is " + tensor + ", but must be " + slot);
            }
        });
    }
}
