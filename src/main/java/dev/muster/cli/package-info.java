/** The command line: one class per command. */
@NullMarked
package dev.muster.cli;

import org.jspecify.annotations.NullMarked;
