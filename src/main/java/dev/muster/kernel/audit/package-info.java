/**
 * The trail of who did what. Entries and deliveries are sealed into the commit that holds them;
 * each commit's digest is linked to the one before it, so that a changed, removed or inserted row
 * is found by {@code muster audit verify}. The chain shows tampering, it does not prevent it: who
 * can write the file can rebuild the whole chain, which is why its head is worth copying elsewhere.
 */
@NullMarked
package dev.muster.kernel.audit;

import org.jspecify.annotations.NullMarked;
