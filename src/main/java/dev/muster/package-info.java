/**
 * The appliance. {@link dev.muster.Main} is the command line and the only reader of the system's
 * clock and environment; {@link dev.muster.Appliance} builds everything from top to bottom, with
 * {@code ConfigParts} for where the config comes from, {@code FleetParts} for the way from a
 * webhook to a runner, and {@code ApplianceRoutes} for what the two listeners serve.
 */
@NullMarked
package dev.muster;

import org.jspecify.annotations.NullMarked;
