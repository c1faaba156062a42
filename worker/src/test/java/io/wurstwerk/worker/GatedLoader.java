package io.wurstwerk.worker;

import io.wurstwerk.worker.config.ConfigException;
import io.wurstwerk.worker.config.ModelSpec;
import io.wurstwerk.worker.engine.Engine;
import io.wurstwerk.worker.engine.Execution;
import io.wurstwerk.worker.engine.OnnxLoader;
import io.wurstwerk.worker.inference.InferenceException;
import io.wurstwerk.worker.inference.InferenceRequest;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** Loads real graphs whose executions wait until the test lets them go. */
final class GatedLoader implements Engine.Loader {
    private final Engine.Loader onnx = new OnnxLoader(1, System::nanoTime);
    private final Semaphore gate = new Semaphore(0);
    private final BlockingQueue<List<String>> started = new LinkedBlockingQueue<>();

    /** The ids of the requests of the next execution that has reached the gate. */
    List<String> nextExecution() throws InterruptedException {
        List<String> ids = started.poll(30, TimeUnit.SECONDS);
        if (ids == null) {
            throw new AssertionError("no execution within 30 seconds");
        }
        return ids;
    }

    /** Lets this many executions go. */
    void open(int executions) {
        gate.release(executions);
    }

    @Override
    public Engine load(ModelSpec model, Path versionFolder) throws ConfigException {
        Engine engine = onnx.load(model, versionFolder);
        return new Engine() {
            @Override
            public Execution execute(List<InferenceRequest> batch) throws InferenceException {
                started.add(batch.stream().map(InferenceRequest::id).toList());
                gate.acquireUninterruptibly();
                return engine.execute(batch);
            }

            @Override
            public void abort() {
                engine.abort();
                gate.release(1000);
            }

            @Override
            public void close() {
                engine.close();
            }
        };
    }
}
