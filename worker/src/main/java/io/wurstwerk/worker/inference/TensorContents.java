package io.wurstwerk.worker.inference;

import static io.wurstwerk.worker.inference.InferenceException.invalid;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.wurstwerk.triton.protocol.InferTensorContents;
import io.wurstwerk.triton.protocol.ModelInferRequest.InferInputTensor;
import io.wurstwerk.worker.config.ElementType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Typed contents of a request, written out as raw little-endian bytes. */
final class TensorContents {
    private TensorContents() {}

    static ByteString of(Map<String, ByteString> contents, String tensor) {
        return Objects.requireNonNull(contents.get(tensor));
    }

    static ByteString typed(InferInputTensor input, String model) throws InferenceException {
        ElementType declared = ElementType.named(input.getDatatype());
        InferTensorContents contents = input.getContents();
        Reading reading = new Reading(input.getName(), model, declared);
        reading.add(
                ElementType.BOOL,
                contents.getBoolContentsCount(),
                (to, i) -> to.put((byte) (contents.getBoolContents(i) ? 1 : 0)));
        reading.add(
                oneOf(declared, ElementType.INT32, ElementType.INT16, ElementType.INT8),
                contents.getIntContentsCount(),
                (to, i) -> putInteger(to, declared, contents.getIntContents(i)));
        reading.add(
                ElementType.INT64,
                contents.getInt64ContentsCount(),
                (to, i) -> to.putLong(contents.getInt64Contents(i)));
        reading.add(
                oneOf(declared, ElementType.UINT32, ElementType.UINT16, ElementType.UINT8),
                contents.getUintContentsCount(),
                (to, i) -> putInteger(to, declared, contents.getUintContents(i)));
        reading.add(
                ElementType.UINT64,
                contents.getUint64ContentsCount(),
                (to, i) -> to.putLong(contents.getUint64Contents(i)));
        reading.add(
                ElementType.FP32, contents.getFp32ContentsCount(), (to, i) -> to.putFloat(contents.getFp32Contents(i)));
        reading.add(
                ElementType.FP64,
                contents.getFp64ContentsCount(),
                (to, i) -> to.putDouble(contents.getFp64Contents(i)));
        reading.addStrings(contents.getBytesContentsList());
        return reading.raw;
    }

    private static ElementType oneOf(@Nullable ElementType declared, ElementType wide, ElementType... narrow) {
        for (ElementType type : narrow) {
            if (type == declared) {
                return type;
            }
        }
        return wide;
    }

    private static void putInteger(ByteBuffer to, @Nullable ElementType type, int value) {
        switch (type == null ? 4 : type.bytes()) {
            case 1 -> to.put((byte) value);
            case 2 -> to.putShort((short) value);
            default -> to.putInt(value);
        }
    }

    private interface Element {
        void put(ByteBuffer to, int index);
    }

    private static final class Reading {
        private final String tensor;
        private final String model;
        private final @Nullable ElementType declared;
        private ByteString raw = ByteString.EMPTY;

        Reading(String tensor, String model, @Nullable ElementType declared) {
            this.tensor = tensor;
            this.model = model;
            this.declared = declared;
        }

        void add(ElementType type, int count, Element element) throws InferenceException {
            if (count == 0) {
                return;
            }
            accept(type);
            byte[] bytes = new byte[Math.multiplyExact(count, type.bytes())];
            ByteBuffer to = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
            for (int i = 0; i < count; i++) {
                element.put(to, i);
            }
            raw = UnsafeByteOperations.unsafeWrap(bytes);
        }

        void addStrings(List<ByteString> strings) throws InferenceException {
            if (strings.isEmpty()) {
                return;
            }
            accept(ElementType.BYTES);
            long size = 0;
            for (ByteString string : strings) {
                size += 4L + string.size();
            }
            ByteBuffer to = ByteBuffer.allocate(Math.toIntExact(size)).order(ByteOrder.LITTLE_ENDIAN);
            for (ByteString string : strings) {
                to.putInt(string.size());
                string.copyTo(to);
            }
            raw = UnsafeByteOperations.unsafeWrap(to.array());
        }

        private void accept(ElementType type) throws InferenceException {
            String what = "unexpected explicit tensor data for input tensor '" + tensor + "' for model '" + model + "'";
            if (!raw.isEmpty()) {
                throw invalid(what + ", binary data was already supplied.");
            }
            if (type != declared) {
                throw invalid(what + " of type '" + type.protocolName() + "', expected datatype '"
                        + RequestRules.name(declared) + "'");
            }
        }
    }
}
