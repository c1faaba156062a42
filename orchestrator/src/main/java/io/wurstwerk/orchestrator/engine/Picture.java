package io.wurstwerk.orchestrator.engine;

import io.wurstwerk.orchestrator.job.OutputFile;
import io.wurstwerk.orchestrator.job.Timings;

/**
 * A finished image on its way to the store.
 *
 * @param file its bytes
 * @param seed the 32 bits used, unsigned
 * @param truncated whether the prompt was longer than the text encoders take
 */
@SuppressWarnings("ArrayRecordComponent") // handed over once, never compared
public record Picture(byte[] file, OutputFile.Format format, long seed, boolean truncated, Timings spent) {}
