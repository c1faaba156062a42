package io.wurstwerk.orchestrator.contract;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What every error code means and what to do about it. Codes are stable: one that was given out keeps its meaning.
 *
 * @param entries by code, in the order of the document
 */
public record ErrorCatalogue(Map<String, Entry> entries) {

    /**
     * One code.
     *
     * @param title the code in words; the same whenever the code is told
     * @param advice one sentence for the person who has to do something about it
     * @param where in which answers the code is told: states of terminal events, and {@code http}
     * @param status of the HTTP answer; 0 for a code that is told in events only
     */
    public record Entry(String title, String advice, List<String> where, int status) {
        public Entry {
            where = List.copyOf(where);
        }
    }

    public ErrorCatalogue {
        entries = Collections.unmodifiableMap(new LinkedHashMap<>(entries));
    }

    /** The catalogue that this build was made with. */
    public static ErrorCatalogue load() {
        JsonMapper mapper = JsonMapper.builder()
                .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
                .build();
        var entries = new LinkedHashMap<String, Entry>();
        try {
            for (Map.Entry<String, JsonNode> code :
                    mapper.readTree(Document.ERRORS.bytes()).properties()) {
                entries.put(code.getKey(), entry(code.getValue()));
            }
        } catch (IOException broken) {
            throw new IllegalStateException("the catalogue of error codes in this build cannot be read", broken);
        }
        return new ErrorCatalogue(entries);
    }

    /** @throws IllegalArgumentException for a code that is not in the catalogue */
    public Entry of(String code) {
        Entry entry = entries.get(code);
        if (entry == null) {
            throw new IllegalArgumentException("there is no error code " + code);
        }
        return entry;
    }

    private static Entry entry(JsonNode node) {
        List<String> where = new ArrayList<>();
        node.required("where").forEach(place -> where.add(place.textValue()));
        return new Entry(
                node.required("title").textValue(),
                node.required("advice").textValue(),
                where,
                node.path("status").intValue());
    }
}
