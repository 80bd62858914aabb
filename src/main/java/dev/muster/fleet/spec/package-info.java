/**
 * The fleet's part of the config: which runners there can be ({@link
 * dev.muster.fleet.spec.RunnerSpec}), where and for whom ({@link
 * dev.muster.fleet.spec.EnvironmentSpec}), and how many are kept warm ({@link
 * dev.muster.fleet.spec.PoolSpec}).
 */
@NullMarked
package dev.muster.fleet.spec;

import org.jspecify.annotations.NullMarked;
