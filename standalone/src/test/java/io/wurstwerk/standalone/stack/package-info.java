@NullMarked
package io.wurstwerk.standalone.stack;

import org.jspecify.annotations.NullMarked;
