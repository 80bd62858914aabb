/**
 * Copies of the state that can be put back: made online, hourly when something changed and before
 * each migration, and used by itself when the database cannot be opened. Secrets are not in them.
 */
@NullMarked
package dev.muster.kernel.backup;

import org.jspecify.annotations.NullMarked;
