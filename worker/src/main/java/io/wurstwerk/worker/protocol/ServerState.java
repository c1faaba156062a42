package io.wurstwerk.worker.protocol;

import io.grpc.Status;
import io.wurstwerk.worker.inference.InferenceException;
import io.wurstwerk.worker.repository.ModelRepository;

/** Whether the server serves, and its models with it. */
public final class ServerState {
    /** What the server calls itself, as Triton does. */
    public static final String NAME = "triton";

    private final ModelRepository repository;
    private final boolean strictReadiness;
    private volatile boolean exiting;

    /**
     * @param strictReadiness whether a model that could not be loaded makes the server not ready
     */
    public ServerState(ModelRepository repository, boolean strictReadiness) {
        this.repository = repository;
        this.strictReadiness = strictReadiness;
    }

    /** From now on the server only finishes what it has accepted. */
    public void exit() {
        exiting = true;
    }

    /** Whether the server is up and not exiting. */
    public boolean live() {
        return !exiting;
    }

    /** Whether the server is live and ready to infer. */
    public boolean ready() {
        return !exiting && (!strictReadiness || repository.ready());
    }

    void requireLive() throws InferenceException {
        require("Server exiting");
    }

    void requireServing() throws InferenceException {
        require("Server not ready");
    }

    private void require(String otherwise) throws InferenceException {
        if (exiting) {
            throw new InferenceException(Status.Code.UNAVAILABLE, otherwise);
        }
    }
}
