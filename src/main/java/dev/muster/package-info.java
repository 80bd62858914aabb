/**
 * The appliance. {@link dev.muster.Main} is the command line and the only reader of the system's
 * clock and environment; {@link dev.muster.Appliance} builds everything from top to bottom.
 */
@NullMarked
package dev.muster;

import org.jspecify.annotations.NullMarked;
