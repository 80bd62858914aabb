/**
 * Runners as processes of the appliance's own machine. Each has its own folder, process group and
 * agent, enrols as a machine in a cloud would, and outlives a restart of the appliance.
 */
@NullMarked
package dev.muster.fleet.compute.local;

import org.jspecify.annotations.NullMarked;
