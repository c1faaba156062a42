package io.wurstwerk.pipeline.triton;

/**
 * One call that a model has answered.
 *
 * @param rows samples in its batch
 * @param mostRows samples that the model takes in a batch
 * @param sent bytes of the request message, without gRPC's framing
 * @param received bytes of the answer
 */
public record ModelCall(String model, int rows, int mostRows, long sent, long received) {}
