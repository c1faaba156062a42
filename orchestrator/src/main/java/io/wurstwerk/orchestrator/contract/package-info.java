/**
 * What is promised to programs outside: the documents of the events, the topics and the HTTP API, and the catalogue of
 * error codes. The documents are resources beside this package's classes; tests hold them and the code together.
 */
@NullMarked
package io.wurstwerk.orchestrator.contract;

import org.jspecify.annotations.NullMarked;
