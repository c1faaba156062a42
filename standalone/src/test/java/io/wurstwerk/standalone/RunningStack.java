package io.wurstwerk.standalone;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** {@code up} as a process of its own on free ports. */
final class RunningStack implements AutoCloseable {
    private final WurstwerkProcess process;
    private final List<Integer> ports;

    private RunningStack(WurstwerkProcess process, List<Integer> ports) {
        this.process = process;
        this.ports = ports;
    }

    static RunningStack start(Path folder) throws Exception {
        List<Integer> ports = freePorts();
        WurstwerkProcess process = WurstwerkProcess.start(
                folder,
                "up",
                "--kafka-port=" + ports.get(0),
                "--s3-port=" + ports.get(1),
                "--triton-port=" + ports.get(2),
                "--triton-health-port=" + ports.get(3),
                "--triton-metrics-port=" + ports.get(4),
                "--http-port=" + ports.get(5));
        try {
            process.readUntil("Stop it with Ctrl-C.");
            return new RunningStack(process, ports);
        } catch (Exception e) {
            process.close();
            throw e;
        }
    }

    String http() {
        return "http://127.0.0.1:" + ports.get(5);
    }

    String store() {
        return "http://127.0.0.1:" + ports.get(1);
    }

    @Override
    public void close() throws Exception {
        process.terminate();
        process.close();
    }

    private static List<Integer> freePorts() throws IOException {
        List<ServerSocket> sockets = new ArrayList<>();
        List<Integer> ports = new ArrayList<>();
        try {
            for (int i = 0; i < 6; i++) {
                ServerSocket socket = new ServerSocket(0);
                sockets.add(socket);
                ports.add(socket.getLocalPort());
            }
            return ports;
        } finally {
            for (ServerSocket socket : sockets) {
                socket.close();
            }
        }
    }
}
