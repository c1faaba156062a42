/** The model repository on disk and what of it is being served. */
@NullMarked
package io.wurstwerk.worker.repository;

import org.jspecify.annotations.NullMarked;
