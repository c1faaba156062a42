package io.wurstwerk.orchestrator.store;

import static io.wurstwerk.orchestrator.stack.Patience.await;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.wurstwerk.orchestrator.stack.Authority;
import io.wurstwerk.orchestrator.stack.Authority.Issued;
import io.wurstwerk.orchestrator.stack.Ports;
import io.wurstwerk.orchestrator.stack.S3Server;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real S3 server that speaks TLS. */
class StoreTlsTest {

    @TempDir
    Path folder;

    private URI endpoint;
    private Path objects;
    private Authority authority;
    private Path ca;

    @BeforeEach
    void prepare() throws Exception {
        endpoint = URI.create("https://127.0.0.1:" + Ports.free());
        objects = Files.createDirectory(folder.resolve("objects"));
        authority = new Authority("authority");
        ca = Authority.write(folder.resolve("ca.pem"), authority.pem());
    }

    @Test
    void badCertificatesAreRefusedWithTheReasonAndTheStoreWorksWhenTheyArePutRight() throws Exception {
        try (var store = store()) {
            assertRefused(store, authority.issueExpired("store", "127.0.0.1"), "its certificate has expired");
            assertRefused(store, authority.issue("store", "store.example"), "its certificate is for other names");
            assertRefused(
                    store,
                    new Authority("nobody").issue("store", "127.0.0.1"),
                    "add the issuer's certificate to the file of wurstwerk.store.tls.ca");
            try (var _ = serve(authority.issue("store", "127.0.0.1"))) {
                store.ensureBucket();
                assertThat(store.reachable()).isTrue();
            }
        }
    }

    @Test
    void anotherAuthorityIsTrustedWithoutARestart() throws Exception {
        Authority next = new Authority("next");
        try (var store = store()) {
            try (var _ = serve(authority.issue("store", "127.0.0.1"))) {
                store.ensureBucket();
            }
            try (var _ = serve(next.issue("store", "127.0.0.1"))) {
                assertThat(store.reachable()).isFalse();
                Authority.write(ca, next.pem());
                await(store::reachable);
                store.putDocument("v1/a", "{}".getBytes(UTF_8));
            }
            try (var _ = serve(authority.issue("store", "127.0.0.1"))) {
                assertThat(store.reachable()).isFalse();
            }
        }
    }

    @Test
    void aFileWithoutCertificatesIsRefusedAtStartAndChangesNothingLater() throws Exception {
        Path empty = Files.writeString(folder.resolve("empty.pem"), "");
        assertThatThrownBy(() -> new ImageStore(settings(empty), ImageStore.Limits.DEFAULT))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("wurstwerk.store.tls.ca must name a PEM file")
                .hasMessageContaining(empty.toString());
    }

    private void assertRefused(ImageStore store, Issued certificate, String reason) throws Exception {
        try (var _ = serve(certificate)) {
            assertThatThrownBy(store::ensureBucket)
                    .isInstanceOf(StoreException.class)
                    .hasMessageContaining("the store at " + endpoint)
                    .hasMessageContaining(reason);
        }
    }

    private S3Server serve(Issued certificate) throws Exception {
        return new S3Server(endpoint, objects, certificate.context());
    }

    private ImageStore store() {
        return new ImageStore(settings(ca), ImageStore.Limits.DEFAULT);
    }

    private StoreSettings settings(Path authorities) {
        Duration hour = Duration.ofHours(1);
        return new StoreSettings(
                endpoint,
                endpoint,
                "us-east-1",
                "wurstwerk",
                S3Server.KEYS,
                S3Server.READER,
                hour,
                hour,
                "tenant",
                authorities);
    }
}
