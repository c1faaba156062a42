package io.wurstwerk.orchestrator.job;

/**
 * What a draft's preview is a preview of.
 *
 * @param key name of the object with the latents
 * @param sha256 of that object's bytes, 64 hexadecimal digits
 * @param size of that object in bytes
 * @param width of the preview in pixels
 * @param height of the preview in pixels
 */
public record Sketch(String key, String sha256, long size, int width, int height) {}
