/**
 * The fleet's part of the config: which runners there can be ({@link
 * dev.muster.fleet.spec.RunnerSpec}), where and for whom ({@link
 * dev.muster.fleet.spec.EnvironmentSpec}), and how many are kept warm ({@link
 * dev.muster.fleet.spec.PoolSpec}). {@link dev.muster.fleet.spec.FleetSection} has the keys, one
 * {@code Part} for each of the top-level ones; {@link dev.muster.fleet.spec.RunsOnImport} writes
 * them from a config of RunsOn.
 */
@NullMarked
package dev.muster.fleet.spec;

import org.jspecify.annotations.NullMarked;
