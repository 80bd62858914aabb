/**
 * The runner agent for Linux: {@link AgentMain} is {@link dev.muster.agent.common.AgentProgram} on
 * {@link LinuxPlatform}. Jobs run in an operating-system session of their own, as a user of their
 * own where the config names one, and no process of theirs outlives them.
 */
@NullMarked
package dev.muster.agent.linux;

import org.jspecify.annotations.NullMarked;
