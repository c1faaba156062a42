@NullMarked
package io.wurstwerk.standalone.command;

import org.jspecify.annotations.NullMarked;
