/**
 * The sampler of Würstchen v2 as pure values: timesteps, noise schedule, guidance, latent shapes, and one image on its way. Knows nothing of models, tokens or the network.
 */
@NullMarked
package io.wurstwerk.pipeline.diffusion;

import org.jspecify.annotations.NullMarked;
