package io.wurstwerk.orchestrator.stack;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jose4j.jwk.JsonWebKey.OutputControlLevel;
import org.jose4j.jwk.JsonWebKeySet;
import org.jose4j.jwk.RsaJsonWebKey;
import org.jose4j.jwk.RsaJwkGenerator;
import org.jose4j.jws.AlgorithmIdentifiers;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.jwt.NumericDate;
import org.jose4j.lang.JoseException;

/** An OpenID Connect issuer: says where its keys are, serves them, and signs tokens. */
public final class Issuer implements AutoCloseable {
    public static final String AUDIENCE = "wurstwerk";
    public static final String CLAIM = "team";

    private final HttpServer server;
    private final AtomicInteger keysAsked = new AtomicInteger();
    private final AtomicInteger documentAsked = new AtomicInteger();
    private volatile RsaJsonWebKey key = key("first");
    private volatile boolean away;

    public Issuer() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/realm/.well-known/openid-configuration", exchange -> {
            documentAsked.incrementAndGet();
            answer(exchange, "{\"issuer\": \"" + url() + "\", \"jwks_uri\": \"" + url() + "/keys\"}");
        });
        server.createContext("/realm/keys", exchange -> {
            keysAsked.incrementAndGet();
            answer(exchange, new JsonWebKeySet(List.of(key)).toJson(OutputControlLevel.PUBLIC_ONLY));
        });
        server.start();
    }

    public String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/realm";
    }

    public int keysAsked() {
        return keysAsked.get();
    }

    public int documentAsked() {
        return documentAsked.get();
    }

    /** Answers with errors until it is back. */
    public void away(boolean now) {
        away = now;
    }

    /** Signs with another key from now on, and knows no more of the one before. */
    public void rotate(String name) {
        key = key(name);
    }

    public RsaJsonWebKey key() {
        return key;
    }

    /** A good token of a tenant. */
    public String token(String tenant, Instant now) {
        return sign(claims(tenant, now), key);
    }

    /** What is in a good token. */
    public JwtClaims claims(String tenant, Instant now) {
        return claims(url(), tenant, now);
    }

    /** What is in a good token of an issuer. */
    public static JwtClaims claims(String issuer, String tenant, Instant now) {
        JwtClaims claims = new JwtClaims();
        claims.setIssuer(issuer);
        claims.setAudience(AUDIENCE);
        claims.setSubject("somebody");
        claims.setStringClaim(CLAIM, tenant);
        claims.setExpirationTime(NumericDate.fromSeconds(now.plusSeconds(300).getEpochSecond()));
        return claims;
    }

    public static String sign(JwtClaims claims, RsaJsonWebKey key) {
        JsonWebSignature signature = new JsonWebSignature();
        signature.setPayload(claims.toJson());
        signature.setKey(key.getPrivateKey());
        signature.setKeyIdHeaderValue(key.getKeyId());
        signature.setAlgorithmHeaderValue(AlgorithmIdentifiers.RSA_USING_SHA256);
        try {
            return signature.getCompactSerialization();
        } catch (JoseException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    public static RsaJsonWebKey key(String name) {
        try {
            RsaJsonWebKey made = RsaJwkGenerator.generateJwk(2048);
            made.setKeyId(name);
            return made;
        } catch (JoseException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }

    private void answer(HttpExchange exchange, String json) throws IOException {
        byte[] body = json.getBytes(UTF_8);
        try (exchange) {
            exchange.getResponseHeaders().add("Content-Type", "application/json");
            exchange.sendResponseHeaders(away ? 503 : 200, body.length);
            exchange.getResponseBody().write(body);
        }
    }
}
