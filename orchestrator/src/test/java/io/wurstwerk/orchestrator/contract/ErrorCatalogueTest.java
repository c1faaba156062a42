package io.wurstwerk.orchestrator.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.JsonNode;
import io.wurstwerk.orchestrator.job.Failure;
import io.wurstwerk.orchestrator.job.Rejection;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class ErrorCatalogueTest {

    private final ErrorCatalogue catalogue = ErrorCatalogue.load();

    @Test
    void theCatalogueHasTheCodesThatAreToldEachWhereItIsToldAndNoOthers() {
        Map<String, Set<String>> told = new TreeMap<>();
        for (Rejection.Code code : Rejection.Code.values()) {
            told.computeIfAbsent(code.wire(), _ -> new TreeSet<>()).add("rejected");
        }
        for (Failure.Code code : Failure.Code.values()) {
            told.computeIfAbsent(code.wire(), _ -> new TreeSet<>()).add("failed");
        }
        // EventContractTest sees that these two are what such events say.
        told.computeIfAbsent("cancelled", _ -> new TreeSet<>()).add("cancelled");
        told.computeIfAbsent("deadline_exceeded", _ -> new TreeSet<>()).add("expired");
        for (HttpError code : HttpError.values()) {
            told.computeIfAbsent(code.wire(), _ -> new TreeSet<>()).add("http");
        }
        Map<String, Set<String>> written = new TreeMap<>();
        catalogue.entries().forEach((code, entry) -> written.put(code, new TreeSet<>(entry.where())));
        assertThat(written).isEqualTo(told);
    }

    @Test
    void statusesAreThoseOfTheCode() {
        catalogue.entries().forEach((code, entry) -> {
            int status = Arrays.stream(HttpError.values())
                    .filter(error -> error.wire().equals(code))
                    .mapToInt(HttpError::status)
                    .findFirst()
                    .orElse(0);
            assertThat(entry.status()).as(code).isEqualTo(status);
        });
    }

    @Test
    void everyCodeHasATitleOfItsOwnAndOneLineOfAdvice() {
        assertThat(catalogue.entries().values())
                .extracting(ErrorCatalogue.Entry::title)
                .doesNotHaveDuplicates();
        assertThat(catalogue.entries().values()).allSatisfy(entry -> {
            assertThat(entry.title()).matches("[A-Z][^.\n]{10,60}");
            assertThat(entry.advice()).matches("[A-Z][^\n]{20,160}\\.");
        });
        assertThat(catalogue.of("conflict").status()).isEqualTo(409);
        assertThatIllegalArgumentException().isThrownBy(() -> catalogue.of("oops"));
    }

    @Test
    void theServedCatalogueFitsItsSchema() {
        JsonNode api = Schemas.read(Document.OPENAPI);
        assertThat(Schemas.problems(
                        Schemas.expanded(api.at("/components/schemas/ErrorCatalogue"), api),
                        Schemas.read(Document.ERRORS)))
                .isEmpty();
    }

    /** Descriptions of answers name codes in backticks: each has the answer's status, and each code is named. */
    @Test
    void theHttpApiNamesEveryCodeAtItsStatus() {
        Map<String, List<Integer>> statuses = Map.of(
                "BadRequest", List.of(400),
                "Unauthorized", List.of(401),
                "NotFound", List.of(404),
                "NotAcceptable", List.of(406),
                "Conflict", List.of(409),
                "TooLarge", List.of(413),
                "UnsupportedMediaType", List.of(415),
                "TooManyRequests", List.of(429),
                "Unavailable", List.of(503));
        JsonNode responses = Schemas.read(Document.OPENAPI).at("/components/responses");
        Set<String> named = new TreeSet<>();
        statuses.forEach((name, status) -> {
            Matcher code = Pattern.compile("`([a-z_]+)`")
                    .matcher(responses.at("/" + name + "/description").textValue());
            while (code.find()) {
                assertThat(status)
                        .as(code.group())
                        .contains(catalogue.of(code.group(1)).status());
                named.add(code.group(1));
            }
        });
        // What any path may answer, and what only the OpenAI adapter does.
        named.addAll(List.of("method_not_allowed", "internal", "not_finished"));
        assertThat(named)
                .isEqualTo(new TreeSet<>(
                        Arrays.stream(HttpError.values()).map(HttpError::wire).toList()));
    }
}
