package dev.muster.agent.windows;

import dev.muster.agent.common.AgentProgram;

/** {@link AgentProgram} on Windows; how it ended is in the event log too. */
public final class AgentMain {
  private AgentMain() {}

  public static void main(String[] args) {
    Commands commands = Commands.system();
    int code = new AgentProgram(new WindowsPlatform(commands), System.err).run(args);
    if (args.length > 0 && args[0].equals("--config")) {
      new EventLog(commands).agentEnded(code);
    }
    System.exit(code);
  }
}
