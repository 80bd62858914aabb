package dev.muster.cli.bench;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;

/**
 * Where a measurement happens.
 *
 * @param folder empty, removed afterwards
 * @param progress a line per step of long work
 * @param programs how processes of ours are started
 */
public record Bench(Path folder, PrintStream progress, Programs programs) {
  /** Command lines. */
  public interface Programs {
    /** The appliance, as users start it. */
    List<String> muster(String... arguments);
  }

  void say(String line) {
    progress.println("  " + line);
    progress.flush();
  }
}
