package io.wurstwerk.worker.contract;

import io.wurstwerk.worker.Worker;
import java.util.Objects;

/** Where a server listens: {@code host:port} of each of its ports. */
record ServerAddress(String grpc, String http, String metrics) {
    /** From a system property {@code grpc,http,metrics}, which {@code ./wurstwerk conformance} sets. */
    static ServerAddress property(String name) {
        String text = Objects.requireNonNull(
                System.getProperty(name), () -> "run this by ./wurstwerk conformance: it sets -D" + name);
        String[] parts = text.split(",", -1);
        if (parts.length != 3) {
            throw new IllegalArgumentException("-D" + name + " is grpc,http,metrics but is " + text);
        }
        return new ServerAddress(parts[0], parts[1], parts[2]);
    }

    static ServerAddress of(Worker worker) {
        String host = "127.0.0.1:";
        return new ServerAddress(host + worker.grpcPort(), host + worker.httpPort(), host + worker.metricsPort());
    }
}
