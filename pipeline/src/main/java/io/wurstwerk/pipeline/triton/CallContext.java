package io.wurstwerk.pipeline.triton;

import java.util.Map;

/** What a caller sends along with its calls of models, and hears of them. Used from the thread that calls. */
public interface CallContext {
    /** Sends nothing along and listens to nothing. */
    CallContext NONE = new CallContext() {
        @Override
        public Map<String, String> metadata() {
            return Map.of();
        }

        @Override
        public void answered(ModelCall call) {}
    };

    /** gRPC metadata of every call: names in lower case, values in visible ASCII. Asked once for each call. */
    Map<String, String> metadata();

    /** A model has answered. */
    void answered(ModelCall call);
}
