package io.wurstwerk.standalone.stack;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;

/**
 * The TCP ports of one stack, all on the loopback interface.
 *
 * @param kafka the broker's clients
 * @param controller the broker's own metadata quorum; nobody else connects to it
 * @param store S3
 * @param triton Triton's gRPC
 * @param health Triton's HTTP health
 * @param metrics Triton's Prometheus metrics
 * @param http the orchestrator's HTTP
 */
public record Ports(int kafka, int controller, int store, int triton, int health, int metrics, int http) {
    public static final String HOST = "127.0.0.1";

    /** Ports that are free now. Another program may still take one before the stack does: starting reports that. */
    public static Ports free() {
        List<ServerSocket> held = new ArrayList<>();
        try {
            for (int i = 0; i < 7; i++) {
                held.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
            }
            int[] free = held.stream().mapToInt(ServerSocket::getLocalPort).toArray();
            return new Ports(free[0], free[1], free[2], free[3], free[4], free[5], free[6]);
        } catch (IOException e) {
            throw new UncheckedIOException("no free port on " + HOST, e);
        } finally {
            held.forEach(Ports::release);
        }
    }

    /** A free port for the controller of a stack whose other ports are chosen by the user. */
    public static int freePort() {
        return free().controller();
    }

    /** @throws PortInUseException for the first port that cannot be bound */
    void requireFree() {
        requireFree(kafka, "Kafka", "--kafka-port");
        requireFree(store, "S3", "--s3-port");
        requireFree(triton, "Triton gRPC", "--triton-port");
        requireFree(health, "Triton health", "--triton-health-port");
        requireFree(metrics, "Triton metrics", "--triton-metrics-port");
        requireFree(http, "HTTP", "--http-port");
    }

    private static void requireFree(int port, String use, String option) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        } catch (IOException e) {
            throw new PortInUseException(port, use, option);
        }
    }

    private static void release(ServerSocket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
