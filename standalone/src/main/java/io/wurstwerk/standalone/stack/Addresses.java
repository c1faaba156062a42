package io.wurstwerk.standalone.stack;

/**
 * Where a running stack listens.
 *
 * @param kafka bootstrap servers, {@code host:port}
 * @param store URL of the S3 endpoint
 * @param triton {@code host:port} of the gRPC endpoint
 * @param health URL of the worker's HTTP health
 * @param metrics URL of the worker's metrics
 * @param http URL of the orchestrator
 */
public record Addresses(String kafka, String store, String triton, String health, String metrics, String http) {}
