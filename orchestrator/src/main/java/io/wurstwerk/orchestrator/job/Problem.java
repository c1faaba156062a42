package io.wurstwerk.orchestrator.job;

/**
 * One wrong field of a request.
 *
 * @param field the field's name as the sender wrote it, or an attribute's header name
 * @param message what is wrong and what would be right; never the sender's text
 */
public record Problem(String field, String message) {}
