package io.wurstwerk.orchestrator.tenancy;

import static org.jose4j.jws.AlgorithmIdentifiers.ECDSA_USING_P256_CURVE_AND_SHA256;
import static org.jose4j.jws.AlgorithmIdentifiers.ECDSA_USING_P384_CURVE_AND_SHA384;
import static org.jose4j.jws.AlgorithmIdentifiers.ECDSA_USING_P521_CURVE_AND_SHA512;
import static org.jose4j.jws.AlgorithmIdentifiers.EDDSA;
import static org.jose4j.jws.AlgorithmIdentifiers.RSA_PSS_USING_SHA256;
import static org.jose4j.jws.AlgorithmIdentifiers.RSA_PSS_USING_SHA384;
import static org.jose4j.jws.AlgorithmIdentifiers.RSA_PSS_USING_SHA512;
import static org.jose4j.jws.AlgorithmIdentifiers.RSA_USING_SHA256;
import static org.jose4j.jws.AlgorithmIdentifiers.RSA_USING_SHA384;
import static org.jose4j.jws.AlgorithmIdentifiers.RSA_USING_SHA512;

import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jboss.logging.Logger;
import org.jose4j.jwa.AlgorithmConstraints;
import org.jose4j.jwa.AlgorithmConstraints.ConstraintType;
import org.jose4j.jwt.MalformedClaimException;
import org.jose4j.jwt.NumericDate;
import org.jose4j.jwt.consumer.ErrorCodeValidator;
import org.jose4j.jwt.consumer.InvalidJwtException;
import org.jose4j.jwt.consumer.JwtConsumerBuilder;

/**
 * The signed tokens (JWT) of an OpenID Connect issuer, one claim of which names a tenant. Signature, issuer, audience
 * and expiry are checked. Thread-safe.
 */
public final class Tokens implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(Tokens.class);
    /** What clocks may differ by. */
    private static final Duration SKEW = Duration.ofSeconds(30);

    private static final Pattern SHAPE = Pattern.compile("[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+");
    private static final int LONGEST = 12_000;

    /** Of key pairs alone: with a shared secret, whoever can check a token can make one. */
    private static final AlgorithmConstraints ALGORITHMS = new AlgorithmConstraints(
            ConstraintType.PERMIT,
            RSA_USING_SHA256,
            RSA_USING_SHA384,
            RSA_USING_SHA512,
            RSA_PSS_USING_SHA256,
            RSA_PSS_USING_SHA384,
            RSA_PSS_USING_SHA512,
            ECDSA_USING_P256_CURVE_AND_SHA256,
            ECDSA_USING_P384_CURVE_AND_SHA384,
            ECDSA_USING_P521_CURVE_AND_SHA512,
            EDDSA);

    private final String issuer;
    private final String audience;
    private final String claim;
    private final Clock clock;
    private final IssuerKeys keys;

    /**
     * Asks nobody before the first token.
     *
     * @param audience what tokens for this installation are for
     * @param claim whose text is the tenant's name
     */
    Tokens(String issuer, String audience, String claim, Clock clock, IssuerKeys keys) {
        if (audience.isBlank() || claim.isBlank()) {
            throw new IllegalArgumentException(
                    "wurstwerk.tenants.oidc.audience and wurstwerk.tenants.oidc.claim must not be empty");
        }
        this.issuer = issuer;
        this.audience = audience;
        this.claim = claim;
        this.clock = clock;
        this.keys = keys;
    }

    /**
     * Whose token this is; empty when it is none, or not a good one.
     *
     * @throws IssuerAwayException when nobody can say now
     */
    Optional<String> tenant(String token) {
        if (token.length() > LONGEST || !SHAPE.matcher(token).matches()) {
            return Optional.empty();
        }
        try {
            String tenant = new JwtConsumerBuilder()
                    .setExpectedIssuer(issuer)
                    .setExpectedAudience(audience)
                    .setRequireExpirationTime()
                    .setAllowedClockSkewInSeconds(Math.toIntExact(SKEW.toSeconds()))
                    .setEvaluationTime(NumericDate.fromMilliseconds(clock.millis()))
                    .setJwsAlgorithmConstraints(ALGORITHMS)
                    .setVerificationKeyResolver(keys)
                    .build()
                    .processToClaims(token)
                    .getStringClaimValue(claim);
            return Optional.ofNullable(tenant).filter(ApiKeys::isTenant);
        } catch (InvalidJwtException wrong) {
            if (wrong.getCause() instanceof IssuerAwayException away) {
                throw away;
            }
            // The messages quote the token's claims.
            LOG.debugf(
                    "a token is refused: %s",
                    wrong.getErrorDetails().stream()
                            .map(ErrorCodeValidator.Error::getErrorCode)
                            .toList());
            return Optional.empty();
        } catch (MalformedClaimException wrong) {
            LOG.debug("a token is refused: the claim that names the tenant is no text");
            return Optional.empty();
        }
    }

    @Override
    public void close() {
        keys.close();
    }
}
