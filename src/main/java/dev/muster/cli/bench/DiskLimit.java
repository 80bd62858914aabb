package dev.muster.cli.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** What this machine allows whoever makes anything durable. */
final class DiskLimit {
  private DiskLimit() {}

  /** Blocks a second that so many callers bring to a bare file. */
  static double blocksPerSecond(Path folder, int callers, int size, Duration time)
      throws IOException, InterruptedException {
    try (RawFile file = new RawFile(folder.resolve("limit"))) {
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < callers; i++) {
        threads.add(Thread.ofVirtual().start(() -> append(file, size)));
      }
      Thread.sleep(time);
      long written = file.written();
      threads.forEach(Thread::interrupt);
      return written / (time.toNanos() / 1e9);
    }
  }

  private static void append(RawFile file, int size) {
    byte[] bytes = new byte[size];
    try {
      while (true) {
        file.append(bytes);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
