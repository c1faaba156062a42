package io.wurstwerk.orchestrator.api;

import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.io.InputStream;
import org.jboss.resteasy.reactive.RestPath;

/** The contract: what events and answers look like, and what the codes mean. */
@Path("/")
@RunOnVirtualThread
final class DocumentsResource {

    private static final String FOLDER = "/contract/";
    private static final String JSON = "application/json";

    @GET
    @Path("openapi.yaml")
    Response openApi() throws IOException {
        return document("openapi.yaml");
    }

    @GET
    @Path("asyncapi.yaml")
    Response asyncApi() throws IOException {
        return document("asyncapi.yaml");
    }

    @GET
    @Path("contract/errors")
    Response errors() throws IOException {
        return document("errors.json");
    }

    @GET
    @Path("contract/events/{document}")
    Response event(@RestPath String document) throws IOException {
        return document("events/" + document);
    }

    private static Response document(String path) throws IOException {
        // Names only: nothing in a path may lead out of the folder.
        if (!path.matches("(events/)?[a-z][a-z0-9-]*(\\.[a-z]+)+")) {
            throw RefusedException.of(ErrorCode.NOT_FOUND, "there is no such document");
        }
        try (InputStream found = DocumentsResource.class.getResourceAsStream(FOLDER + path)) {
            if (found == null) {
                throw RefusedException.of(ErrorCode.NOT_FOUND, "there is no such document");
            }
            return Response.ok(found.readAllBytes(), mediaType(path)).build();
        }
    }

    private static String mediaType(String path) {
        if (path.endsWith(".yaml")) {
            return "application/yaml";
        }
        return path.endsWith(".schema.json") ? "application/schema+json" : JSON;
    }
}
