package dev.muster.agent.common;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * A command's output, in a file that cannot fill the disk: at the limit the file becomes {@code
 * .1}, replacing the one before, and a new one begins. The tail is kept in memory too, so that a
 * full disk costs the file but not the report.
 */
public final class RunnerLog {
  static final int TAIL = 8 * 1024;

  private final Path path;
  private final long limit;
  private final byte[] ring = new byte[TAIL];
  private long total;

  public RunnerLog(Path path, long limit) {
    this.path = path;
    this.limit = limit;
  }

  /**
   * Copies until the output ends. Keeps reading when the file fails: the command must not block.
   */
  public void copy(InputStream output) {
    byte[] buffer = new byte[8192];
    boolean writable = true;
    try (output) {
      for (int n = output.read(buffer); n >= 0; n = output.read(buffer)) {
        keepTail(buffer, n);
        writable = writable && append(buffer, n);
      }
    } catch (IOException e) {
      keepNote("\n[output ended: %s]\n".formatted(e.getMessage()));
    }
  }

  public synchronized String tail() {
    int kept = (int) Math.min(total, TAIL);
    byte[] bytes = new byte[kept];
    for (int i = 0; i < kept; i++) {
      bytes[i] = ring[(int) ((total - kept + i) % TAIL)];
    }
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private boolean append(byte[] buffer, int length) {
    try {
      if (Files.exists(path) && Files.size(path) + length > limit) {
        Files.move(
            path,
            path.resolveSibling(path.getFileName() + ".1"),
            StandardCopyOption.REPLACE_EXISTING);
      }
      try (OutputStream out =
          Files.newOutputStream(path, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
        out.write(buffer, 0, length);
      }
      return true;
    } catch (IOException e) {
      keepNote("\n[%s is no longer written: %s]\n".formatted(path.getFileName(), e.getMessage()));
      return false;
    }
  }

  private void keepNote(String note) {
    byte[] bytes = note.getBytes(StandardCharsets.UTF_8);
    keepTail(bytes, bytes.length);
  }

  private synchronized void keepTail(byte[] buffer, int length) {
    for (int i = 0; i < length; i++) {
      ring[(int) (total++ % TAIL)] = buffer[i];
    }
  }
}
