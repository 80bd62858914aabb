/**
 * Measures the product on this machine, with the machine's own limit from the same run beside each
 * figure. Everything goes through the doors that users use.
 */
@NullMarked
package dev.muster.cli.bench;

import org.jspecify.annotations.NullMarked;
