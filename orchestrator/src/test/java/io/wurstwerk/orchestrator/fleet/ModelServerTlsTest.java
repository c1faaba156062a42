package io.wurstwerk.orchestrator.fleet;

import static io.wurstwerk.orchestrator.stack.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.wurstwerk.orchestrator.stack.Authority;
import io.wurstwerk.orchestrator.stack.Authority.Issued;
import io.wurstwerk.orchestrator.stack.Ports;
import io.wurstwerk.pipeline.certificate.TlsFiles;
import io.wurstwerk.pipeline.triton.TritonClient;
import io.wurstwerk.pipeline.triton.TritonException;
import io.wurstwerk.pipeline.triton.TritonUnavailableException;
import io.wurstwerk.worker.Worker;
import io.wurstwerk.worker.WorkerOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The client of the model servers and the worker, over TLS. */
class ModelServerTlsTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    @TempDir
    Path folder;

    private Authority authority;
    private Path certificate;
    private Path key;
    private Path ca;
    private Path ownCertificate;
    private Path ownKey;
    private int port;

    @BeforeEach
    void prepare() throws Exception {
        port = Ports.free();
        authority = new Authority("authority");
        certificate = folder.resolve("server.pem");
        key = folder.resolve("server.key");
        ca = Authority.write(folder.resolve("ca.pem"), authority.pem());
        Issued own = authority.issue("wurstwerk");
        ownCertificate = Authority.write(folder.resolve("own.pem"), own.certificatePem());
        ownKey = Authority.write(folder.resolve("own.key"), own.keyPem());
        Files.createDirectory(folder.resolve("models"));
        certify(authority.issue("triton", "127.0.0.1"));
    }

    @Test
    void bothSidesKnowEachOther() throws Exception {
        try (var _ = worker(true);
                var client = client(new TlsFiles(ca, ownCertificate, ownKey, null))) {
            assertThat(client.serverReady()).isTrue();
        }
    }

    @Test
    void aClientWithoutACertificateOrWithAnOpenConnectionIsNotLetIn() throws Exception {
        Issued other = new Authority("nobody").issue("wurstwerk");
        Path strange = Authority.write(folder.resolve("strange.pem"), other.certificatePem());
        Path strangeKey = Authority.write(folder.resolve("strange.key"), other.keyPem());
        try (var _ = worker(true);
                var nameless = client(new TlsFiles(ca, null, null, null));
                var stranger = client(new TlsFiles(ca, strange, strangeKey, null));
                var open = client(null)) {
            for (TritonClient refused : new TritonClient[] {nameless, stranger, open}) {
                assertThatThrownBy(refused::serverReady).isInstanceOf(TritonUnavailableException.class);
            }
        }
    }

    @Test
    void aServerWithABadCertificateIsAwayForAReason() throws Exception {
        assertAway(authority.issueExpired("triton", "127.0.0.1"), "its certificate has expired");
        assertAway(authority.issue("triton", "triton.example"), "its certificate is for other names");
        assertAway(
                new Authority("nobody").issue("triton", "127.0.0.1"),
                "add the issuer's certificate to the file of wurstwerk.triton.tls.ca");
    }

    @Test
    void aNameOfTheCertificateCanBeGivenWhereTheEndpointIsAnAddress() throws Exception {
        certify(authority.issue("triton", "triton.example"));
        try (var _ = worker(false);
                var client = client(new TlsFiles(ca, null, null, "triton.example"))) {
            assertThat(client.serverReady()).isTrue();
        }
    }

    @Test
    void aRunningServerShowsItsNewCertificate() throws Exception {
        Authority next = new Authority("next");
        Path nextCa = Authority.write(folder.resolve("next.pem"), next.pem());
        try (var _ = worker(false)) {
            try (var client = client(new TlsFiles(nextCa, null, null, null))) {
                assertThatThrownBy(client::serverReady).isInstanceOf(TritonUnavailableException.class);
            }
            certify(next.issue("triton", "127.0.0.1"));
            await(() -> {
                try (var client = client(new TlsFiles(nextCa, null, null, null))) {
                    return ready(client);
                }
            });
        }
    }

    @Test
    void aRunningClientTrustsAnotherAuthority() throws Exception {
        Authority next = new Authority("next");
        try (var client = client(new TlsFiles(ca, null, null, null))) {
            try (var _ = worker(false)) {
                assertThat(client.serverReady()).isTrue();
            }
            certify(next.issue("triton", "127.0.0.1"));
            try (var _ = worker(false)) {
                await(() -> {
                    assertThatThrownBy(client::serverReady).isInstanceOf(TritonUnavailableException.class);
                    return true;
                });
                Authority.write(ca, next.pem());
                await(() -> ready(client));
            }
        }
    }

    @Test
    void filesThatHoldSomethingElseAreNamed() throws Exception {
        Path empty = Files.writeString(folder.resolve("empty.pem"), "");
        assertThatThrownBy(() -> client(new TlsFiles(empty, null, null, null)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(empty.toString());
        assertThatThrownBy(() -> client(new TlsFiles(ca, ownCertificate, empty, null)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(empty.toString());
        assertThatThrownBy(() -> new TlsFiles(ca, ownCertificate, null, null))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private void assertAway(Issued issued, String reason) throws Exception {
        certify(issued);
        try (var _ = worker(false);
                var client = client(new TlsFiles(ca, null, null, null))) {
            assertThatThrownBy(client::serverReady)
                    .isInstanceOf(TritonUnavailableException.class)
                    .hasMessageContaining("ServerReady at 127.0.0.1:" + port + " failed")
                    .hasMessageContaining(reason);
        }
    }

    private void certify(Issued issued) throws Exception {
        Authority.write(certificate, issued.certificatePem());
        Authority.write(key, issued.keyPem());
    }

    private Worker worker(boolean mutual) throws Exception {
        return Worker.start(WorkerOptions.of(folder.resolve("models"))
                .withGrpcPort(port)
                .withExitTimeout(Duration.ZERO)
                .withTls(new WorkerOptions.Tls(certificate, key, mutual ? ca : null)));
    }

    private TritonClient client(@Nullable TlsFiles files) {
        String endpoint = "127.0.0.1:" + port;
        return new TritonClient(endpoint, endpoint, LIMIT, LIMIT, files);
    }

    private static boolean ready(TritonClient client) {
        try {
            return client.serverReady();
        } catch (TritonException notYet) {
            return false;
        }
    }
}
