package dev.muster.agent.common;

import dev.muster.agent.protocol.Instruction.Assign;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * A job's output, in a file that cannot fill the disk: at the limit the file becomes {@code .1},
 * replacing the one before, and a new one begins. The tail is kept in memory too, so that a full
 * disk costs the file but not the report. The job's JIT configuration never gets here: it is
 * replaced by {@code ***}.
 */
public final class RunnerLog {
  static final int TAIL = 8 * 1024;

  private static final long LIMIT = 16L * 1024 * 1024;

  private final Path path;
  private final long limit;
  private final Mask mask;
  private final Mask.Sink further;
  private final byte[] ring = new byte[TAIL];
  private long total;
  private boolean writable = true;

  RunnerLog(Path path, long limit, Assign assign, Mask.Sink further) {
    this.path = path;
    this.limit = limit;
    this.mask = new Mask(assign.jit(), this::keep);
    this.further = further;
  }

  /** In {@code home/runner.log}, of at most twice 16 MiB. */
  public static RunnerLog in(Path home, Assign assign) {
    return in(home, assign, (buffer, from, length) -> {});
  }

  /**
   * As {@link #in(Path, Assign)}.
   *
   * @param further gets every byte that is kept
   */
  static RunnerLog in(Path home, Assign assign, Mask.Sink further) {
    return new RunnerLog(home.resolve("runner.log"), LIMIT, assign, further);
  }

  /**
   * Copies until the output ends. Keeps reading when the file fails: the command must not block.
   */
  public void copy(InputStream output) {
    byte[] buffer = new byte[8192];
    try (output) {
      for (int n = output.read(buffer); n >= 0; n = output.read(buffer)) {
        add(buffer, n);
      }
      end();
    } catch (IOException e) {
      end();
      note("\n[output ended: %s]\n".formatted(e.getMessage()));
    }
  }

  /** Takes the first {@code length} bytes. */
  public synchronized void add(byte[] buffer, int length) {
    mask.add(buffer, length);
  }

  /** No more comes. */
  public synchronized void end() {
    mask.end();
  }

  /** Waits a moment for what is shipped, so that it is there before the job's end is reported. */
  void flush() throws InterruptedException {
    further.flush();
  }

  /** The last part of the output, at most 8 KiB. */
  public synchronized String tail() {
    int kept = (int) Math.min(total, TAIL);
    byte[] bytes = new byte[kept];
    for (int i = 0; i < kept; i++) {
      bytes[i] = ring[(int) ((total - kept + i) % TAIL)];
    }
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private void keep(byte[] buffer, int from, int length) {
    remember(buffer, from, length);
    if (writable) {
      append(buffer, from, length);
    }
  }

  private void append(byte[] buffer, int from, int length) {
    try {
      if (Files.exists(path) && Files.size(path) + length > limit) {
        Files.move(
            path,
            path.resolveSibling(path.getFileName() + ".1"),
            StandardCopyOption.REPLACE_EXISTING);
      }
      try (OutputStream out =
          Files.newOutputStream(path, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
        out.write(buffer, from, length);
      }
    } catch (IOException e) {
      writable = false;
      note("\n[%s is no longer written: %s]\n".formatted(path.getFileName(), e.getMessage()));
    }
  }

  private synchronized void note(String note) {
    byte[] bytes = note.getBytes(StandardCharsets.UTF_8);
    remember(bytes, 0, bytes.length);
  }

  private void remember(byte[] buffer, int from, int length) {
    for (int i = from; i < from + length; i++) {
      ring[(int) (total++ % TAIL)] = buffer[i];
    }
    further.add(buffer, from, length);
  }
}
