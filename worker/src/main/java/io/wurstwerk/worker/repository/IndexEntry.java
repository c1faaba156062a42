package io.wurstwerk.worker.repository;

/**
 * A line of the repository index.
 *
 * @param name model name
 * @param version version number, or empty where none was tried
 * @param ready whether it is served
 * @param reason why it is not; empty when ready
 */
public record IndexEntry(String name, String version, boolean ready, String reason) {}
