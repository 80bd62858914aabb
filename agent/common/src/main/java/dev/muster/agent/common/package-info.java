/**
 * What the runner agents of every operating system have in common: one small program per machine
 * that enrols with the appliance, waits for one job, runs it, reports, and ends.
 *
 * <p>{@link AgentProgram} is the command line and wires; {@link Agent} gets a session and polls for
 * the assignment; {@link JobRun} starts the command and decides what ends it; {@link Reporter}
 * tells the appliance in its own time, so that an appliance that is away never holds up a job or a
 * deadline. {@link ApplianceLink} is the port to the appliance, {@link Platform} with its {@link
 * JobLauncher} the port to the operating system, which {@code agent/linux} and {@code
 * agent/windows} fill.
 *
 * <p>Before the job's code starts, the agent forgets its session: what remains is a token that can
 * only report. The agent trusts the appliance to say what to run and nobody to be reachable.
 */
@NullMarked
package dev.muster.agent.common;

import org.jspecify.annotations.NullMarked;
