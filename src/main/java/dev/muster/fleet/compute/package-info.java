/**
 * Machines, whoever makes them. {@link dev.muster.fleet.compute.ComputeProvider} is the port; every
 * adapter passes the same contract test. Calls are per batch, never per runner. What a provider
 * says by itself goes to an {@link dev.muster.fleet.compute.InterruptionListener}.
 */
@NullMarked
package dev.muster.fleet.compute;

import org.jspecify.annotations.NullMarked;
