package dev.muster.cli.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The least that makes bytes durable: one thread writes all that wait and forces them out with one
 * fdatasync, then every caller returns.
 */
final class RawFile implements AutoCloseable {
  private static final int MOST = 256;

  private record Block(byte[] bytes, Semaphore done) {}

  private final Path file;
  private final FileChannel channel;
  private final BlockingQueue<Block> queue = new ArrayBlockingQueue<>(1024);
  private final AtomicLong written = new AtomicLong();
  private final Thread writing;

  RawFile(Path file) throws IOException {
    this.file = file;
    channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    writing = Thread.ofPlatform().name("raw-file").daemon().start(this::write);
  }

  /** Returns when it is on the disk. */
  void append(byte[] bytes) throws InterruptedException {
    Semaphore done = new Semaphore(0);
    queue.put(new Block(bytes, done));
    done.acquire();
  }

  /** Blocks that are on the disk. */
  long written() {
    return written.get();
  }

  private void write() {
    List<Block> batch = new ArrayList<>();
    try {
      while (true) {
        batch.add(queue.take());
        queue.drainTo(batch, MOST - 1);
        for (Block block : batch) {
          channel.write(ByteBuffer.wrap(block.bytes()));
        }
        channel.force(false);
        written.addAndGet(batch.size());
        batch.forEach(block -> block.done().release());
        batch.clear();
      }
    } catch (InterruptedException | IOException e) {
      Thread.currentThread().interrupt(); // nobody is answered any more
    }
  }

  @Override
  public void close() throws IOException {
    writing.interrupt();
    channel.close();
    Files.deleteIfExists(file);
  }
}
