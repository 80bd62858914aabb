package dev.muster.cli.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** What this machine allows whoever makes deliveries durable. */
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

  /**
   * Deliveries a second that a door takes which does nothing but check the signature and bring the
   * body to a bare file, with the same requests over the same connections.
   */
  static double deliveriesPerSecond(
      Path folder, JobPayload bodies, int connections, int warmUp, int count)
      throws IOException, InterruptedException {
    try (RawFile file = new RawFile(folder.resolve("limit"));
        RawDoorRoutes.Served door = RawDoorRoutes.serve(file, BenchHome.SECRET)) {
      Deliveries deliveries = new Deliveries(door.url(), BenchHome.SECRET, bodies);
      deliveries.send(0, warmUp, connections);
      return deliveries.sendPrepared(warmUp, count, connections).perSecond();
    }
  }
}
