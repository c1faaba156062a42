/** Certificates of connections: files that change while the program runs, and why a peer was refused. */
@NullMarked
package io.wurstwerk.pipeline.certificate;

import org.jspecify.annotations.NullMarked;
