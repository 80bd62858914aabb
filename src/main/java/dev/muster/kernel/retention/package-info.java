/** Removes what is older than the config says, in steps so small that nobody waits for them. */
@NullMarked
package dev.muster.kernel.retention;

import org.jspecify.annotations.NullMarked;
