/** Parts of a Wurstwerk as processes of their own: those of this repository, and genuine ones of others. */
@NullMarked
package io.wurstwerk.standalone.part;

import org.jspecify.annotations.NullMarked;
