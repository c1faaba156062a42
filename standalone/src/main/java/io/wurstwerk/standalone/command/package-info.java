/** The command line: what a person types, what the terminal shows, and how a job is submitted and followed. */
@NullMarked
package io.wurstwerk.standalone.command;

import org.jspecify.annotations.NullMarked;
