/** The page for people at {@code /}; its files are in {@code META-INF/resources}. */
@NullMarked
package io.wurstwerk.orchestrator.console;

import org.jspecify.annotations.NullMarked;
