package dev.muster.agent.linux;

import dev.muster.agent.common.AgentProgram;

/** {@link AgentProgram} on Linux. */
public final class AgentMain {
  private AgentMain() {}

  public static void main(String[] args) {
    System.exit(new AgentProgram(new LinuxPlatform(), System.err).run(args));
  }
}
