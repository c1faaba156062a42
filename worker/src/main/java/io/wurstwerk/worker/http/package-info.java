/** The plain HTTP ports: health probes and Prometheus metrics. */
@NullMarked
package io.wurstwerk.worker.http;

import org.jspecify.annotations.NullMarked;
