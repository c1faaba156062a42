/**
 * A whole Wurstwerk of separate processes that are killed and stopped at random while jobs run, and the count of what
 * became of the jobs.
 */
@NullMarked
package io.wurstwerk.standalone.faults;

import org.jspecify.annotations.NullMarked;
