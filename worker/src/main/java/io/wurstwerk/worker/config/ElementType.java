package io.wurstwerk.worker.config;

import io.wurstwerk.triton.protocol.DataType;
import org.jspecify.annotations.Nullable;

/** The element types of the protocol, with the width of one element in raw contents. */
public enum ElementType {
    BOOL(DataType.TYPE_BOOL, "BOOL", 1),
    UINT8(DataType.TYPE_UINT8, "UINT8", 1),
    UINT16(DataType.TYPE_UINT16, "UINT16", 2),
    UINT32(DataType.TYPE_UINT32, "UINT32", 4),
    UINT64(DataType.TYPE_UINT64, "UINT64", 8),
    INT8(DataType.TYPE_INT8, "INT8", 1),
    INT16(DataType.TYPE_INT16, "INT16", 2),
    INT32(DataType.TYPE_INT32, "INT32", 4),
    INT64(DataType.TYPE_INT64, "INT64", 8),
    FP16(DataType.TYPE_FP16, "FP16", 2),
    FP32(DataType.TYPE_FP32, "FP32", 4),
    FP64(DataType.TYPE_FP64, "FP64", 8),
    BF16(DataType.TYPE_BF16, "BF16", 2),
    /** Strings: each element is a 32 bit length and that many bytes, so there is no fixed width. */
    BYTES(DataType.TYPE_STRING, "BYTES", 0);

    private final DataType configured;
    private final String protocolName;
    private final int bytes;

    ElementType(DataType configured, String protocolName, int bytes) {
        this.configured = configured;
        this.protocolName = protocolName;
        this.bytes = bytes;
    }

    /** The name in requests and metadata, for example {@code FP16}. */
    public String protocolName() {
        return protocolName;
    }

    /** Bytes of one element in raw contents; 0 for {@link #BYTES}. */
    public int bytes() {
        return bytes;
    }

    /** The type with this name in requests, or null when the protocol has none. */
    public static @Nullable ElementType named(String protocolName) {
        for (ElementType type : values()) {
            if (type.protocolName.equals(protocolName)) {
                return type;
            }
        }
        return null;
    }

    /** The type with this name in a config.pbtxt, or null for {@code TYPE_INVALID}. */
    public static @Nullable ElementType of(DataType configured) {
        for (ElementType type : values()) {
            if (type.configured == configured) {
                return type;
            }
        }
        return null;
    }
}
