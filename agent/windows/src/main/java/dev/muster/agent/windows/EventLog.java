package dev.muster.agent.windows;

import java.io.IOException;
import java.time.Duration;
import java.util.List;

/** Windows' own event log, where an administrator looks first. */
final class EventLog {
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final Commands commands;

  EventLog(Commands commands) {
    this.commands = commands;
  }

  /** An event of its own for each outcome; an event log that takes none holds nothing up. */
  void agentEnded(int exitCode) {
    List<String> command =
        List.of(
            "eventcreate.exe",
            "/T",
            exitCode == 0 ? "INFORMATION" : "ERROR",
            "/L",
            "APPLICATION",
            "/SO",
            "Muster",
            "/ID",
            String.valueOf(exitCode + 1), // 0 is none
            "/D",
            "The runner agent ended with exit code %d; logs\\agent.log says why"
                .formatted(exitCode));
    try {
      commands.run(command, PATIENCE);
    } catch (IOException e) {
      System.err.println("muster-agent: event log: " + e.getMessage());
    }
  }
}
