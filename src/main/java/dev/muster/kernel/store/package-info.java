/**
 * The embedded database: one file, one writer, many readers.
 *
 * <p>Every change goes through {@link dev.muster.kernel.store.Writer}: closures are batched into
 * one transaction with a savepoint each, committed, and forced to the device ({@code Durability});
 * only then do the callers return. So what anyone was told is on disk, and there is no second class
 * of durability. Reads ({@link dev.muster.kernel.store.Database#read}) go beside the writer on
 * snapshots of their own.
 *
 * <p>Stores live with their aggregates and speak SQL through {@link dev.muster.kernel.store.Read}
 * and {@link dev.muster.kernel.store.Tx}; nothing outside this package sees {@code java.sql}.
 */
@NullMarked
package dev.muster.kernel.store;

import org.jspecify.annotations.NullMarked;
