@NullMarked
package io.wurstwerk.standalone;

import org.jspecify.annotations.NullMarked;
