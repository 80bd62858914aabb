package dev.muster.cli.tools;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * Ends the runners of an appliance that was only there for a while. Local runners outlive their
 * appliance, as they must in a restart, and try for minutes to tell it how their job ended.
 */
public final class LocalRunners {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Duration BETWEEN_LOOKS = Duration.ofMillis(5);

  private LocalRunners() {}

  /**
   * Ends every process that works in a folder or below, and what it started; returns when they are
   * gone.
   *
   * @param folder the home of an appliance that has stopped, or what lies around it
   * @throws IOException when one does not end
   */
  public static void end(Path folder) throws IOException {
    Path real = folder.toRealPath();
    List<ProcessHandle> left =
        ProcessHandle.allProcesses()
            .filter(process -> worksIn(process, real))
            .flatMap(process -> Stream.concat(process.descendants(), Stream.of(process)))
            .distinct()
            .toList();
    left.forEach(ProcessHandle::destroyForcibly);
    for (ProcessHandle process : left) {
      awaitEnd(process, folder);
    }
  }

  /** Looked at often: what is no child of ours, the JDK itself looks at every second or so. */
  private static void awaitEnd(ProcessHandle process, Path folder) throws IOException {
    for (int looks = 0; works(process); looks++) {
      if (looks > PATIENCE.dividedBy(BETWEEN_LOOKS)) {
        throw new IOException(
            "Process %d, which works in %s, does not end; kill it by hand"
                .formatted(process.pid(), folder));
      }
      LockSupport.parkNanos(BETWEEN_LOOKS.toNanos());
    }
  }

  /** One that has ended works nowhere, also while its parent has not asked how. */
  private static boolean works(ProcessHandle process) {
    return process.isAlive() && Files.exists(Path.of("/proc", process.pid() + "", "cwd"));
  }

  /** A process's arguments are cut when they are long; the folder that it works in is not. */
  private static boolean worksIn(ProcessHandle process, Path folder) {
    try {
      return Files.readSymbolicLink(Path.of("/proc", process.pid() + "", "cwd")).startsWith(folder);
    } catch (IOException e) {
      return false; // it ended, or is another user's
    }
  }
}
