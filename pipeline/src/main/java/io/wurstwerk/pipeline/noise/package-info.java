/**
 * Gaussian noise as PyTorch's CPU generator draws it on x86-64 with AVX2: the same seed gives the same bits.
 */
@NullMarked
package io.wurstwerk.pipeline.noise;

import org.jspecify.annotations.NullMarked;
