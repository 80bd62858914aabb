package dev.muster.agent.windows;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;

/** Calls programs of Windows; tests write down how. */
interface Commands {
  int MOST_SAID = 64 * 1024;

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
      // Read beside the wait: a pipe holds little on Windows, and a program that cannot write does
      // not end.
      FutureTask<String> said = new FutureTask<>(() -> text(process.getInputStream()));
      Thread.ofVirtual().start(said);
      try {
        if (!process.waitFor(most.toMillis(), TimeUnit.MILLISECONDS)) {
          throw new IOException("%s did not end within %s".formatted(command.getFirst(), most));
        }
        return new Result(process.exitValue(), said.get());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("%s: interrupted".formatted(command.getFirst()), e);
      } catch (ExecutionException e) {
        throw new IOException("%s: its answer".formatted(command.getFirst()), e.getCause());
      } finally {
        process.destroyForcibly();
      }
    };
  }

  private static String text(InputStream from) throws IOException {
    String text = new String(from.readNBytes(MOST_SAID), StandardCharsets.UTF_8);
    from.transferTo(OutputStream.nullOutputStream());
    return text.strip();
  }
}
