package dev.muster.agent.windows;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Calls programs of Windows; tests write down how. */
interface Commands {
  /** What a program said on both of its outputs, and its exit code. */
  record Result(int exitCode, String text) {}

  /**
   * Runs a program to its end.
   *
   * @param most after this it is ended, which is an error
   * @throws IOException when it cannot be started or does not end in time
   */
  Result run(List<String> command, Duration most) throws IOException;

  /** The programs themselves. */
  static Commands system() {
    return (command, most) -> {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      process.getOutputStream().close();
      // Short answers, which fit a pipe: they are read once the program has ended.
      try {
        if (!process.waitFor(most.toMillis(), TimeUnit.MILLISECONDS)) {
          process.destroyForcibly();
          throw new IOException("%s did not end within %s".formatted(command.getFirst(), most));
        }
      } catch (InterruptedException e) {
        process.destroyForcibly();
        Thread.currentThread().interrupt();
        throw new IOException("%s: interrupted".formatted(command.getFirst()), e);
      }
      String text =
          new String(process.getInputStream().readNBytes(64 * 1024), StandardCharsets.UTF_8);
      return new Result(process.exitValue(), text.strip());
    };
  }
}
