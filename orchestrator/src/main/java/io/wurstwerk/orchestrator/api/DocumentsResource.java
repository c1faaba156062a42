package io.wurstwerk.orchestrator.api;

import io.smallrye.common.annotation.RunOnVirtualThread;
import io.wurstwerk.orchestrator.contract.Document;
import io.wurstwerk.orchestrator.contract.ErrorCatalogue;
import io.wurstwerk.orchestrator.contract.HttpError;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import org.jboss.resteasy.reactive.RestPath;
import org.jspecify.annotations.Nullable;

/** The contract: what events and answers look like, and what the codes mean. */
@Path("/")
@RunOnVirtualThread
final class DocumentsResource {

    private static final String HTML = "text/html";

    @GET
    @Path("openapi.yaml")
    public Response openApi() {
        return document(Document.OPENAPI);
    }

    @GET
    @Path("asyncapi.yaml")
    public Response asyncApi() {
        return Response.status(308)
                .header(HttpHeaders.LOCATION, "/contract/asyncapi.yaml")
                .build();
    }

    @GET
    @Path("contract/asyncapi.yaml")
    public Response asyncApiInItsPlace() {
        return document(Document.ASYNCAPI);
    }

    /** For programs as JSON; a browser that follows a problem's type gets a page. */
    @GET
    @Path("contract/errors")
    public Response errors(@HeaderParam(HttpHeaders.ACCEPT) @Nullable String accept) {
        if (accept != null && accept.contains(HTML)) {
            return Response.ok(ErrorPage.of(ErrorCatalogue.load()), HTML + ";charset=UTF-8")
                    .header(HttpHeaders.VARY, HttpHeaders.ACCEPT)
                    .build();
        }
        return document(Document.ERRORS);
    }

    @GET
    @Path("contract/events/{document}")
    public Response event(@RestPath String document) {
        return document(Document.at("events/" + document)
                .orElseThrow(() -> RefusedException.of(HttpError.NOT_FOUND, "there is no such document")));
    }

    private static Response document(Document document) {
        return Response.ok(document.bytes(), document.mediaType())
                .header(HttpHeaders.VARY, HttpHeaders.ACCEPT)
                .build();
    }
}
