/** What commands and benchmarks both use: the machine's git, folders that do not stay. */
@NullMarked
package dev.muster.cli.tools;

import org.jspecify.annotations.NullMarked;
