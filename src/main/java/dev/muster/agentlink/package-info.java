/**
 * The appliance's end of the agent protocol: routes that check who speaks and hand typed messages
 * to the {@link dev.muster.agentlink.AgentDesk}, which the fleet implements; and the agents' own
 * files, for machines whose image has others.
 */
@NullMarked
package dev.muster.agentlink;

import org.jspecify.annotations.NullMarked;
