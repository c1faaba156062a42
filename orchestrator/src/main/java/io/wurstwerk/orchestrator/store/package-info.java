/** Where images are kept: any S3, through the MinIO SDK. Keys are content-addressed and carry no text of a sender. */
@NullMarked
package io.wurstwerk.orchestrator.store;

import org.jspecify.annotations.NullMarked;
