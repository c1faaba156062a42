package io.wurstwerk.pipeline.text;

/**
 * A prompt as a text encoder takes it.
 *
 * @param ids {@link PromptTokenizer#LENGTH} token ids: start, the prompt, end, padding
 * @param mask 1 for start, prompt and end, 0 for padding
 * @param truncated whether the prompt was longer and lost its end
 */
@SuppressWarnings("ArrayRecordComponent") // a carrier of tensors, never compared
public record PromptTokens(long[] ids, long[] mask, boolean truncated) {}
