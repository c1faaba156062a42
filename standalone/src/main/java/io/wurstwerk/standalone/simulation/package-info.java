/**
 * The durable engine in a simulated world: log, store, models, processes and clock of one seed, with faults. What fails
 * here fails again with the same seed.
 */
@NullMarked
package io.wurstwerk.standalone.simulation;

import org.jspecify.annotations.NullMarked;
