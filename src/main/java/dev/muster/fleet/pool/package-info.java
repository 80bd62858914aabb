/**
 * Keeps each pool at what its schedule and its jobs want. {@link dev.muster.fleet.pool.PoolPlanner}
 * decides, purely and with a reason for each step; {@link dev.muster.fleet.pool.PoolReconciler}
 * stores the decision. Nothing here calls a cloud.
 */
@NullMarked
package dev.muster.fleet.pool;

import org.jspecify.annotations.NullMarked;
