/**
 * Junk for the three doors: the prompts topic, the HTTP API and the worker's gRPC port. Inputs are made from grammars
 * and from valid inputs that are changed here and there, case by case out of a seed, so that each can be made again.
 */
@NullMarked
package io.wurstwerk.standalone.fuzz;

import org.jspecify.annotations.NullMarked;
