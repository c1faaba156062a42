package io.wurstwerk.orchestrator.tenancy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.Key;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jboss.logging.Logger;
import org.jose4j.http.Response;
import org.jose4j.http.SimpleResponse;
import org.jose4j.jwk.HttpsJwks;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.jwx.JsonWebStructure;
import org.jose4j.keys.resolvers.HttpsJwksVerificationKeyResolver;
import org.jose4j.keys.resolvers.VerificationKeyResolver;
import org.jose4j.lang.JoseException;
import org.jose4j.lang.UnresolvableKeyException;
import org.jspecify.annotations.Nullable;

/**
 * The keys with which an OpenID Connect issuer signs. Where they are is asked when the first token comes, and not
 * before; they are fetched anew when a token names one that is not among them, or after ten minutes. Thread-safe.
 */
final class IssuerKeys implements VerificationKeyResolver, AutoCloseable {
    private static final Logger LOG = Logger.getLogger(IssuerKeys.class);
    private static final Duration LIMIT = Duration.ofSeconds(5);
    private static final Duration PAUSE = Duration.ofSeconds(5);
    private static final Duration KEPT = Duration.ofMinutes(10);
    /** Nobody makes us ask the issuer more often than this with keys that there are not. */
    private static final Duration LEAST_AGE = Duration.ofSeconds(1);

    private static final int LONGEST = 1 << 20;
    private static final Set<String> HERE = Set.of("localhost", "127.0.0.1", "[::1]");

    private final URI issuer;
    private final Clock clock;
    private final HttpClient http;
    private @Nullable VerificationKeyResolver resolver;
    private Instant askedInVain = Instant.MIN;

    /** @throws IllegalArgumentException when the issuer is no URL of its own kind */
    IssuerKeys(URI issuer, Clock clock) {
        boolean safe = "https".equals(issuer.getScheme())
                || ("http".equals(issuer.getScheme()) && issuer.getHost() != null && HERE.contains(issuer.getHost()));
        if (!safe || issuer.getHost() == null || issuer.getQuery() != null || issuer.getFragment() != null) {
            throw new IllegalArgumentException(
                    "wurstwerk.tenants.oidc.issuer must be an https URL without query and fragment, not " + issuer);
        }
        this.issuer = issuer;
        this.clock = clock;
        this.http = HttpClient.newBuilder()
                .connectTimeout(LIMIT)
                .followRedirects(HttpClient.Redirect.NEVER)
                .build();
    }

    @Override
    public Key resolveKey(JsonWebSignature jws, List<JsonWebStructure> nesting) throws UnresolvableKeyException {
        VerificationKeyResolver keys = keys();
        try {
            return keys.resolveKey(jws, nesting);
        } catch (UnresolvableKeyException unknown) {
            if (unknown.getCause() instanceof IOException || unknown.getCause() instanceof JoseException) {
                throw away(unknown);
            }
            throw unknown;
        }
    }

    @Override
    public void close() {
        http.shutdownNow();
        http.close();
    }

    private synchronized VerificationKeyResolver keys() {
        VerificationKeyResolver known = resolver;
        if (known != null) {
            return known;
        }
        Instant now = clock.instant();
        if (now.isBefore(askedInVain.plus(PAUSE))) {
            throw new IssuerAwayException("the issuer of the tokens did not answer a moment ago", new IOException());
        }
        try {
            HttpsJwks jwks = new HttpsJwks(located());
            jwks.setSimpleHttpGet(this::get);
            jwks.setDefaultCacheDuration(KEPT.toSeconds());
            jwks.setRetainCacheOnErrorDuration(KEPT.toSeconds());
            jwks.setRefreshReprieveThreshold(LEAST_AGE.toMillis());
            VerificationKeyResolver fresh = new HttpsJwksVerificationKeyResolver(jwks);
            resolver = fresh;
            return fresh;
        } catch (IOException failed) {
            askedInVain = now;
            throw away(failed);
        }
    }

    private IssuerAwayException away(Exception failed) {
        LOG.warnf("tokens of %s cannot be judged: %s", issuer, failed.getMessage());
        return new IssuerAwayException("the keys of the issuer of the tokens cannot be had", failed);
    }

    private String located() throws IOException {
        String base = issuer.toString().replaceFirst("/$", "");
        String page = base + "/.well-known/openid-configuration";
        JsonNode document = new ObjectMapper().readTree(get(page).getBody());
        if (!issuer.toString().equals(document.path("issuer").asText())) {
            throw new IOException(page + " is not of the issuer of wurstwerk.tenants.oidc.issuer");
        }
        String keys = document.path("jwks_uri").asText();
        if (keys.isEmpty()) {
            throw new IOException(page + " does not say where the keys are");
        }
        return keys;
    }

    private SimpleResponse get(String url) throws IOException {
        try {
            HttpRequest request =
                    HttpRequest.newBuilder(URI.create(url)).timeout(LIMIT).build();
            HttpResponse<InputStream> response = http.send(request, HttpResponse.BodyHandlers.ofInputStream());
            try (InputStream body = response.body()) {
                byte[] bytes = body.readNBytes(LONGEST + 1);
                if (response.statusCode() != 200 || bytes.length > LONGEST) {
                    throw new IOException(url + " answers with status " + response.statusCode() + " and " + bytes.length
                            + " bytes or more");
                }
                return new Response(
                        response.statusCode(), "", response.headers().map(), new String(bytes, StandardCharsets.UTF_8));
            }
        } catch (IllegalArgumentException wrong) {
            throw new IOException(url + " is no URL", wrong);
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
            throw new IOException(url + " was not waited for", stopping);
        }
    }
}
