/**
 * Who may do what: tokens with a role, of which only hashes are stored, and the reading of the
 * headers that carry them.
 */
@NullMarked
package dev.muster.kernel.access;

import org.jspecify.annotations.NullMarked;
