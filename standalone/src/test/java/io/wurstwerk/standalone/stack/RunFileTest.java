package io.wurstwerk.standalone.stack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RunFileTest {
    @TempDir
    Path data;

    @Test
    void aStackThatAnswersIsFound() throws Exception {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1);
        server.createContext("/q/health/live", exchange -> {
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        server.start();
        try {
            Addresses addresses = at(server.getAddress().getPort());
            new RunFile(data).write(addresses);

            assertThat(new RunFile(data).running()).hasValue(addresses);
        } finally {
            server.stop(0);
        }
    }

    @Test
    void whatAKilledStackLeftCountsForNothing() throws Exception {
        int port;
        try (ServerSocket socket = new ServerSocket(0)) {
            port = socket.getLocalPort();
        }
        new RunFile(data).write(at(port));

        assertThat(new RunFile(data).running()).isEmpty();
    }

    @Test
    void rubbishCountsForNothing() throws Exception {
        Files.writeString(data.resolve("run.json"), "{\"pid\": ");

        assertThat(new RunFile(data).running()).isEmpty();
    }

    @Test
    void credentialsSurviveARestartAndAreForTheOwnerAlone() throws Exception {
        Credentials first = Credentials.in(data, new SecureRandom());

        assertThat(Credentials.in(data, new SecureRandom())).isEqualTo(first);
        assertThat(Files.getPosixFilePermissions(data.resolve("credentials")))
                .extracting(Enum::name)
                .containsExactlyInAnyOrder("OWNER_READ", "OWNER_WRITE");
        assertThat(first.toString()).doesNotContain(first.secretKey());
    }

    @Test
    void damagedCredentialsAreNamed() throws Exception {
        Files.writeString(data.resolve("credentials"), "one line\n");

        assertThatThrownBy(() -> Credentials.in(data, new SecureRandom()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("three lines")
                .hasMessageContaining("delete it");
    }

    private static Addresses at(int port) {
        return new Addresses("k", "s", "t", "h", "m", "http://127.0.0.1:" + port);
    }
}
