package io.wurstwerk.standalone.contract;

import io.wurstwerk.standalone.stack.Credentials;
import java.net.URI;
import java.nio.file.Path;
import java.security.SecureRandom;
import org.testcontainers.containers.MinIOContainer;
import org.testcontainers.utility.DockerImageName;

/** MinIO as the last image of it that was published has it, where a container engine runs. */
class ContainerStoreIT extends StoreContractTest {
    private static final String IMAGE = "quay.io/minio/minio:RELEASE.2025-09-07T16-13-09Z";

    ContainerStoreIT() {
        super("container");
    }

    @Override
    StoreConversation start(Path folder) {
        if (!ContainerEngine.runs(IMAGE)) {
            return null;
        }
        Credentials credentials = Credentials.in(folder, new SecureRandom());
        MinIOContainer minio = new MinIOContainer(DockerImageName.parse(IMAGE).asCompatibleSubstituteFor("minio/minio"))
                .withUserName(credentials.accessKey())
                .withPassword(credentials.secretKey());
        minio.start();
        return new StoreConversation(URI.create(minio.getS3URL()), credentials, minio);
    }

    @Override
    boolean mayDiffer() {
        return false;
    }
}
