package io.wurstwerk.orchestrator.prompt;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;

/**
 * JSON from strangers: UTF-8 only, one object, no duplicate names, nothing after it, bounded in depth and in the length
 * of strings, names and numbers. Numbers keep every digit.
 */
final class StrictJson {

    private static final int MOST_BYTES = 64 * 1024;
    private static final JsonMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(8)
                            .maxStringLength(MOST_BYTES)
                            .maxNameLength(256)
                            .maxNumberLength(64)
                            .maxDocumentLength(MOST_BYTES)
                            .build())
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
            .build();

    private StrictJson() {}

    static ObjectNode object(byte[] bytes) throws UnreadableException {
        JsonNode node;
        try {
            node = MAPPER.readTree(UTF_8.newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(bytes))
                    .toString());
        } catch (CharacterCodingException malformed) {
            throw new UnreadableException("the body is not valid UTF-8");
        } catch (JsonProcessingException refused) {
            throw new UnreadableException("the body is not acceptable JSON" + place(refused.getLocation())
                    + ": expected one object without duplicate names, nested at most 8 deep");
        }
        if (node instanceof ObjectNode object) {
            return object;
        }
        throw new UnreadableException("the body is not a JSON object");
    }

    /** Equal for equal contents, whatever the order of names, the blanks or the spelling of numbers. */
    static byte[] canonical(ObjectNode object) {
        try {
            return MAPPER.writeValueAsBytes(MAPPER.treeToValue(object, Object.class));
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException("a parsed JSON object can be written", impossible);
        }
    }

    private static String place(JsonLocation location) {
        return location == null ? "" : " at line " + location.getLineNr() + ", column " + location.getColumnNr();
    }
}
