package io.wurstwerk.standalone.contract;

import org.testcontainers.DockerClientFactory;

/** The container engine of this machine, if it has one. */
final class ContainerEngine {
    private ContainerEngine() {}

    /** Says so where there is none. */
    static boolean runs(String image) {
        boolean found = DockerClientFactory.instance().isDockerAvailable();
        System.out.println(
                found
                        ? "asked in a container: " + image
                        : "not asked: " + image + " in a container, for no container engine answers here");
        return found;
    }
}
