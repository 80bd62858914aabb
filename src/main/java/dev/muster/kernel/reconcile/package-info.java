/**
 * The loop that brings the world to what the state says. A {@link
 * dev.muster.kernel.reconcile.Reconciler} reads everything about its key and acts on the
 * difference; its {@link dev.muster.kernel.reconcile.Outcome} says what happens next. The {@link
 * dev.muster.kernel.reconcile.ReconcileLoop} runs what is due on virtual threads, bounded per kind,
 * and sleeps until the next appointment when nothing is.
 */
@NullMarked
package dev.muster.kernel.reconcile;

import org.jspecify.annotations.NullMarked;
