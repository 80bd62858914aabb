/**
 * What is due, durably. A key names something to reconcile ({@code pool/default}); making it due
 * twice before it is taken is the same as once. A key that becomes due while somebody works on it
 * stays due. Leases end by themselves, so a crash loses no key: at most it is reconciled again,
 * which reconcilers must bear.
 */
@NullMarked
package dev.muster.kernel.queue;

import org.jspecify.annotations.NullMarked;
