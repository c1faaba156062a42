@NullMarked
package io.wurstwerk.standalone.simulation;

import org.jspecify.annotations.NullMarked;
