/**
 * What the runner agent and the appliance say to each other: JSON over HTTP under the appliance's
 * {@code agent_url}, one record per message, and {@link AgentCodec} between records and bytes.
 *
 * <p>The agent always calls; the appliance answers. It enrols once with its launch's secret, gets a
 * session, long-polls for one {@link Instruction}, and from the assignment on reports with a token
 * that is good for nothing else, so that the job's code can never act as the machine. Readers
 * ignore fields that they do not know (an older agent meets a newer appliance and the reverse) and
 * refuse bodies that are too large, too deep or of the wrong types. Credentials are {@link Secret}
 * values, whose text form says nothing.
 */
@NullMarked
package dev.muster.agent.protocol;

import org.jspecify.annotations.NullMarked;
