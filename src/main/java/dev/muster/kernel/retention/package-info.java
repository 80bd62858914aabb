/**
 * Removes what is older than the config says, and gives its room back to the disk, in steps so
 * small that nobody waits for them.
 */
@NullMarked
package dev.muster.kernel.retention;

import org.jspecify.annotations.NullMarked;
