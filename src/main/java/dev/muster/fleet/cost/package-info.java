/**
 * What machines cost: their time, read from their timelines, at the prices that their provider
 * tells. {@link dev.muster.fleet.cost.CostReconciler} accounts for it by the day, {@link
 * dev.muster.fleet.cost.CostLedger} is where it stands, {@link dev.muster.fleet.cost.MonthlyCost}
 * is what a config will cost. Disks and traffic are not counted.
 */
@NullMarked
package dev.muster.fleet.cost;

import org.jspecify.annotations.NullMarked;
