/**
 * The runner agent for Windows: {@link AgentMain} is {@link dev.muster.agent.common.AgentProgram}
 * on {@link WindowsPlatform}.
 *
 * <p>Windows starts a process as another user only with that user's password, or through its task
 * scheduler. So jobs are started by a task that the image brings, which starts {@link JobHost} as
 * the user {@code runner} without a password ("S4U"). The host connects to the agent over loopback,
 * proves by a key that it is the one, is told the job, and passes on its output and its end ({@link
 * HostLink}, {@link HostChannel}). Whatever that user still runs then is ended by {@link
 * UserProcesses}: the user exists for jobs alone, so nothing else is hit and nothing is left.
 *
 * <p>Programs of Windows are called through {@link Commands}. None of this has been run on Windows;
 * the tests hold the command lines, and really run the host and its channel.
 */
@NullMarked
package dev.muster.agent.windows;

import org.jspecify.annotations.NullMarked;
