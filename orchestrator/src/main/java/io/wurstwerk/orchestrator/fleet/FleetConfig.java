package io.wurstwerk.orchestrator.fleet;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Where the models are served. */
@ConfigMapping(prefix = "wurstwerk.triton")
interface FleetConfig {

    /**
     * {@code host:port} of Triton's gRPC service, of one server or of several, separated by commas. {@code
     * dns:///host:port} stands for the servers at every address of the host, which come and go as the name says.
     */
    List<String> endpoint();

    /** Images that one server draws at once, whoever asks. */
    @WithDefault("32")
    int cap();

    /** This process's part of the cap, where several processes share the servers. */
    @WithDefault("1.0")
    double share();

    /**
     * The server's model repository folder, for the tokenizer in it. Needed only for models whose tokenizer is not the
     * one that comes with this program: Triton's protocol cannot hand out the file.
     */
    Optional<Path> repository();

    /** How often a {@code dns:///} name is asked for. */
    @WithDefault("PT2S")
    Duration resolveInterval();

    /** Most servers in all; what names lead to beyond is not used. */
    @WithDefault("64")
    int lanes();

    /** How often the server is asked whether it is ready. */
    @WithDefault("PT1S")
    Duration watchInterval();

    Tls tls();

    /** How the connections to the servers are secured. Files are PEM, and are read again when they change. */
    interface Tls {
        /** Else connections are open, and none of the others may be set. */
        @WithDefault("false")
        boolean enabled();

        /** The authorities that may have issued the servers' certificates. Those that the Java platform trusts when absent. */
        Optional<Path> ca();

        /** This process's certificate and its chain, for servers that let in only those they know. */
        Optional<Path> certificate();

        /** Its private key, PKCS#8 without a passphrase. */
        Optional<Path> key();

        /** The name that the servers' certificates carry, where endpoints are addresses. An endpoint's host when absent. */
        Optional<String> serverName();
    }
}
