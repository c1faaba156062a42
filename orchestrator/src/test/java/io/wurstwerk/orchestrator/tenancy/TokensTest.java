package io.wurstwerk.orchestrator.tenancy;

import static io.wurstwerk.orchestrator.stack.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.wurstwerk.orchestrator.stack.Issuer;
import io.wurstwerk.orchestrator.tenancy.ApiKeysTest.MovedClock;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.function.Consumer;
import org.jose4j.jwa.AlgorithmConstraints;
import org.jose4j.jws.AlgorithmIdentifiers;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.jwt.NumericDate;
import org.jose4j.keys.HmacKey;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Tokens of an issuer that serves its keys over HTTP. */
class TokensTest {
    private static final Instant NOW = new MovedClock().instant();

    private static Issuer issuer;

    private final MovedClock clock = new MovedClock();
    private final Tokens tokens = tokens(clock);

    @BeforeAll
    static void start() throws Exception {
        issuer = new Issuer();
    }

    @AfterAll
    static void stop() {
        issuer.close();
    }

    @AfterEach
    void close() {
        issuer.away(false);
        tokens.close();
    }

    @Test
    void theClaimNamesTheTenant() {
        assertThat(tokens.tenant(issuer.token("acme", NOW))).contains("acme");
        assertThat(tokens.tenant(issuer.token("bolt", NOW))).contains("bolt");
    }

    @Test
    void aTokenThatIsNotGoodInOnePointIsNoneAtAll() throws Exception {
        assertThat(with(claims -> claims.setAudience("another"))).isFalse();
        assertThat(with(claims -> claims.unsetClaim("aud"))).isFalse();
        assertThat(with(claims -> claims.setIssuer(issuer.url() + "/other"))).isFalse();
        assertThat(with(claims -> claims.unsetClaim("iss"))).isFalse();
        assertThat(with(claims -> claims.unsetClaim("exp"))).isFalse();
        assertThat(with(claims -> claims.setNotBefore(at(31)))).isFalse();
        assertThat(with(claims -> claims.setExpirationTime(at(-31)))).isFalse();
        assertThat(with(claims -> claims.setExpirationTime(at(-29))))
                .as("clocks differ a little")
                .isTrue();
        assertThat(with(claims -> claims.unsetClaim(Issuer.CLAIM))).isFalse();
        assertThat(with(claims -> claims.setStringClaim(Issuer.CLAIM, "two words")))
                .isFalse();
        assertThat(with(claims -> claims.setClaim(Issuer.CLAIM, 7))).isFalse();
        assertThat(with(claims -> {})).isTrue();
    }

    @Test
    void onlyASignatureByOneOfTheIssuersKeyPairsCounts() throws Exception {
        JwtClaims claims = issuer.claims("acme", NOW);
        assertThat(tokens.tenant(Issuer.sign(claims, Issuer.key(issuer.key().getKeyId()))))
                .as("another's key of that name")
                .isEmpty();

        JsonWebSignature shared = new JsonWebSignature();
        shared.setPayload(claims.toJson());
        shared.setKeyIdHeaderValue(issuer.key().getKeyId());
        shared.setAlgorithmHeaderValue(AlgorithmIdentifiers.HMAC_SHA256);
        shared.setKey(new HmacKey(issuer.key().getPublicKey().getEncoded()));
        assertThat(tokens.tenant(shared.getCompactSerialization()))
                .as("the public key as a shared secret")
                .isEmpty();

        JsonWebSignature none = new JsonWebSignature();
        none.setAlgorithmConstraints(AlgorithmConstraints.NO_CONSTRAINTS);
        none.setPayload(claims.toJson());
        none.setAlgorithmHeaderValue(AlgorithmIdentifiers.NONE);
        assertThat(tokens.tenant(none.getCompactSerialization()))
                .as("not signed")
                .isEmpty();

        String[] parts = issuer.token("acme", NOW).split("\\.");
        String payload = Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(issuer.claims("bolt", NOW).toJson().getBytes(StandardCharsets.UTF_8));
        assertThat(tokens.tenant(parts[0] + "." + payload + "." + parts[2]))
                .as("another's claims under the signature")
                .isEmpty();
        for (String junk :
                new String[] {"", "..", "a.b.c", parts[0], "x".repeat(20_000), parts[0] + "." + parts[1] + "."}) {
            assertThat(tokens.tenant(junk)).as(junk).isEmpty();
        }
    }

    @Test
    void aNewKeyIsTakenWhenItComesAndTheOldOneIsNoMore() throws Exception {
        String old = issuer.token("acme", NOW);
        assertThat(tokens.tenant(old)).contains("acme");
        issuer.rotate("second");
        String fresh = issuer.token("acme", NOW);
        // Keys that were fetched this very second are not fetched again.
        await(() -> tokens.tenant(fresh).isPresent());
        assertThat(tokens.tenant(fresh)).contains("acme");
        assertThat(tokens.tenant(old)).isEmpty();
    }

    @Test
    void nobodyIsAskedBeforeATokenComesAndApiKeysNeedNobody() {
        int documents = issuer.documentAsked();
        int keys = issuer.keysAsked();
        Tenants tenants = new Tenants(null, tokens);
        assertThat(tenants.of(null)).isEmpty();
        assertThat(tenants.of("Bearer an-api-key")).isEmpty();
        assertThat(tenants.of("Basic " + issuer.token("acme", NOW))).isEmpty();
        assertThat(issuer.documentAsked()).isEqualTo(documents);
        assertThat(issuer.keysAsked()).isEqualTo(keys);
        for (int i = 0; i < 20; i++) {
            assertThat(tenants.of("bearer  " + issuer.token("acme", NOW))).contains("acme");
        }
        assertThat(issuer.documentAsked()).isEqualTo(documents + 1);
        assertThat(issuer.keysAsked()).isEqualTo(keys + 1);
    }

    @Test
    void withoutTheIssuerTokensAreNotJudgedAndItIsAskedAgainLater() {
        issuer.away(true);
        int documents = issuer.documentAsked();
        String token = issuer.token("acme", NOW);
        for (int i = 0; i < 3; i++) {
            assertThatThrownBy(() -> tokens.tenant(token)).isInstanceOf(IssuerAwayException.class);
        }
        assertThat(issuer.documentAsked()).isEqualTo(documents + 1);
        issuer.away(false);
        assertThatThrownBy(() -> tokens.tenant(token)).isInstanceOf(IssuerAwayException.class);
        clock.move(Duration.ofSeconds(5));
        assertThat(tokens.tenant(token)).contains("acme");
    }

    @Test
    void anIssuerThatCanBeReadOnTheWayIsRefused() {
        for (String wrong :
                new String[] {"http://issuer.test/realm", "ftp://issuer.test", "issuer.test", "https://i.test/?a"}) {
            assertThatThrownBy(() -> new IssuerKeys(URI.create(wrong), clock))
                    .as(wrong)
                    .hasMessageStartingWith("wurstwerk.tenants.oidc.issuer must be an https URL");
        }
    }

    private boolean with(Consumer<JwtClaims> change) {
        JwtClaims claims = issuer.claims("acme", NOW);
        change.accept(claims);
        return tokens.tenant(Issuer.sign(claims, issuer.key())).isPresent();
    }

    private static NumericDate at(long seconds) {
        return NumericDate.fromSeconds(NOW.getEpochSecond() + seconds);
    }

    private static Tokens tokens(Clock clock) {
        return new Tokens(
                issuer.url(), Issuer.AUDIENCE, Issuer.CLAIM, clock, new IssuerKeys(URI.create(issuer.url()), clock));
    }
}
