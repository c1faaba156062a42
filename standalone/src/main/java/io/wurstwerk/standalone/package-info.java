/** Where the process begins. */
@NullMarked
package io.wurstwerk.standalone;

import org.jspecify.annotations.NullMarked;
