package dev.muster.agent.windows;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Windows' programs, which write down how they were called and answer as told. */
final class RecordingCommands implements Commands {
  /** What a program does when it is called. */
  interface Program {
    Result run() throws IOException;
  }

  private final List<String> called = new ArrayList<>();
  private final Map<String, Program> programs = new HashMap<>();

  /** A program that nobody told about fails the test. */
  RecordingCommands on(String program, Program does) {
    programs.put(program, does);
    return this;
  }

  RecordingCommands on(String program, int exitCode, String text) {
    return on(program, () -> new Result(exitCode, text));
  }

  synchronized List<String> called() {
    return List.copyOf(called);
  }

  @Override
  public synchronized Result run(List<String> command, Duration most) throws IOException {
    called.add(String.join(" ", command));
    Program program = programs.get(command.getFirst());
    if (program == null) {
      throw new AssertionError("nobody said what this answers: " + command);
    }
    return program.run();
  }
}
