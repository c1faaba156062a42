/**
 * Prompt events: read from bytes, checked against what the models can draw, named, and turned into submissions. Every
 * record gets one submission, a refusal if nothing better.
 */
@NullMarked
package io.wurstwerk.orchestrator.prompt;

import org.jspecify.annotations.NullMarked;
