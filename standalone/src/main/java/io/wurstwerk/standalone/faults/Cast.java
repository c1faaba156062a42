package io.wurstwerk.standalone.faults;

import io.wurstwerk.standalone.part.GenuineKafka;
import io.wurstwerk.standalone.part.GenuineMinio;
import io.wurstwerk.standalone.part.GenuineTriton;
import io.wurstwerk.standalone.part.PartProcess;
import io.wurstwerk.standalone.stack.Credentials;
import io.wurstwerk.standalone.stack.Ports;
import io.wurstwerk.standalone.stack.SinglePart;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;

/**
 * The processes of a run.
 *
 * @param kafka bootstrap servers
 * @param triton gRPC of the model server
 * @param metrics URL of the model server's metrics
 * @param patient whether what was killed stays dead until the next fault, for others to take its place
 */
public record Cast(
        String kafka,
        String triton,
        String metrics,
        List<PartProcess> brokers,
        PartProcess store,
        PartProcess models,
        List<PartProcess> orchestrators,
        boolean patient)
        implements AutoCloseable {

    /** Broker, store and worker of this repository, and two orchestrators. Starts nothing yet. */
    public static Cast own(Path data, Path repository) {
        Ports ports = Ports.free();
        return new Cast(
                Ports.HOST + ":" + ports.kafka(),
                triton(ports),
                metrics(ports),
                List.of(PartProcess.of(SinglePart.BROKER, "1", ports, data, repository, Map.of())),
                PartProcess.of(SinglePart.STORE, "1", ports, data, repository, Map.of()),
                PartProcess.of(SinglePart.WORKER, "1", ports, data, repository, Map.of()),
                orchestrators(ports, data, repository, Map.of()),
                false);
    }

    /**
     * Three Kafka brokers, MinIO and tritonserver, and two orchestrators. Starts nothing yet.
     *
     * @param minio MinIO's program
     * @param triton the script that runs tritonserver
     */
    public static Cast genuine(Path data, Path repository, Path minio, Path triton) throws IOException {
        Ports ports = Ports.free();
        GenuineKafka kafka = GenuineKafka.in(data);
        return new Cast(
                kafka.bootstrapServers(),
                triton(ports),
                metrics(ports),
                kafka.brokers(),
                GenuineMinio.in(data, minio, ports.store(), Credentials.in(data, new SecureRandom())),
                GenuineTriton.in(data, triton, repository, ports),
                orchestrators(
                        ports,
                        data,
                        repository,
                        Map.of(
                                "kafka.bootstrap.servers",
                                kafka.bootstrapServers(),
                                "wurstwerk.kafka.replication-factor",
                                "3")),
                true);
    }

    private static List<PartProcess> orchestrators(
            Ports ports, Path data, Path repository, Map<String, String> settings) {
        Ports second = new Ports(
                ports.kafka(),
                ports.controller(),
                ports.store(),
                ports.triton(),
                ports.health(),
                ports.metrics(),
                Ports.freePort());
        return List.of(
                PartProcess.of(SinglePart.ORCHESTRATOR, "1", ports, data, repository, settings),
                PartProcess.of(SinglePart.ORCHESTRATOR, "2", second, data, repository, settings));
    }

    private static String triton(Ports ports) {
        return Ports.HOST + ":" + ports.triton();
    }

    private static String metrics(Ports ports) {
        return "http://" + Ports.HOST + ":" + ports.metrics() + "/metrics";
    }

    List<PartProcess> parts() {
        return Stream.of(brokers, List.of(store, models), orchestrators)
                .flatMap(List::stream)
                .toList();
    }

    /** Returns when every part can be used. Those of a kind start together: brokers wait for each other. */
    void start() throws IOException, InterruptedException {
        for (List<PartProcess> kind : List.of(brokers, List.of(store, models), orchestrators)) {
            for (PartProcess part : kind) {
                part.start();
            }
            for (PartProcess part : kind) {
                part.awaitReady();
            }
        }
    }

    /** Mostly orchestrators, for it is they who make the promise; of genuine parts each kind in turn. */
    PartProcess victim(int number, Random random) {
        if (patient) {
            return switch (number % 3) {
                case 0 -> one(brokers, random);
                case 1 -> one(orchestrators, random);
                default -> store;
            };
        }
        int choice = random.nextInt(10);
        if (choice < 6) {
            return one(orchestrators, random);
        }
        return choice < 8 ? models : choice == 8 ? one(brokers, random) : store;
    }

    private static PartProcess one(List<PartProcess> kind, Random random) {
        return kind.size() == 1 ? kind.getFirst() : kind.get(random.nextInt(kind.size()));
    }

    @Override
    public void close() {
        parts().reversed().forEach(PartProcess::close);
    }
}
