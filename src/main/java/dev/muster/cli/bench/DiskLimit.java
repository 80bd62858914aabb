package dev.muster.cli.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Semaphore;

/**
 * What the disk allows: callers hand in blocks, one thread writes all that wait and forces them out
 * with one fdatasync, then every caller returns.
 */
final class DiskLimit {
  private static final int MOST = 256;

  private record Block(ByteBuffer bytes, Semaphore done) {}

  private DiskLimit() {}

  /** Blocks a second with this many callers. */
  static double blocksPerSecond(Path folder, int callers, int size, Duration time)
      throws IOException, InterruptedException {
    Path file = folder.resolve("limit");
    BlockingQueue<Block> queue = new ArrayBlockingQueue<>(callers);
    long written = 0;
    long end = System.nanoTime() + time.toNanos();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < callers; i++) {
      threads.add(Thread.ofVirtual().start(() -> call(queue, size, end)));
    }
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      List<Block> batch = new ArrayList<>();
      while (System.nanoTime() < end) {
        batch.add(queue.take());
        queue.drainTo(batch, MOST - 1);
        for (Block block : batch) {
          channel.write(block.bytes());
        }
        channel.force(false);
        written += batch.size();
        batch.forEach(block -> block.done().release());
        batch.clear();
      }
    } finally {
      threads.forEach(Thread::interrupt);
      Files.deleteIfExists(file);
    }
    return written / (time.toNanos() / 1e9);
  }

  private static void call(BlockingQueue<Block> queue, int size, long end) {
    try {
      byte[] bytes = new byte[size];
      Semaphore done = new Semaphore(0);
      while (System.nanoTime() < end) {
        queue.put(new Block(ByteBuffer.wrap(bytes), done));
        done.acquire();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
