package dev.muster.cli.tools;

import dev.muster.kernel.home.FileTrees;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;

/** Removes what a trial or a measurement left. */
public final class TemporaryFolders {
  private static final Logger log = System.getLogger(TemporaryFolders.class.getName());

  private TemporaryFolders() {}

  /** Removes a folder; what a process that is just ending still writes there stays. */
  public static void delete(Path root) {
    try {
      FileTrees.delete(root);
    } catch (IOException e) {
      log.log(Level.DEBUG, "Something still writes into {0}", root);
    }
  }
}
