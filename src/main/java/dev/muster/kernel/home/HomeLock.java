package dev.muster.kernel.home;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;

/**
 * One process a home. The operating system drops the lock with the process, however it ends; the
 * file says whose it is.
 */
public final class HomeLock implements AutoCloseable {
  private final FileChannel channel;
  private final FileLock lock;

  private HomeLock(FileChannel channel, FileLock lock) {
    this.channel = channel;
    this.lock = lock;
  }

  /** Another process has this home. */
  public static final class TakenException extends IOException {
    private static final long serialVersionUID = 1L;

    TakenException(Home home, String pid) {
      super(
          "%s is in use by process %s; stop it, or name another folder with --home"
              .formatted(home.root(), pid));
    }
  }

  /** Takes the home for this process. */
  public static HomeLock take(Home home) throws IOException {
    home.create();
    FileChannel channel =
        FileChannel.open(
            home.lock(),
            StandardOpenOption.CREATE,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE);
    FileLock lock = null;
    try {
      lock = channel.tryLock();
    } catch (OverlappingFileLockException e) {
      // This very process has it.
    }
    if (lock == null) {
      channel.close();
      String pid = Files.readString(home.lock()).strip();
      throw new TakenException(home, pid.isEmpty() ? "unknown" : pid);
    }
    channel.truncate(0);
    channel.write(
        ByteBuffer.wrap((ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.UTF_8)),
        0);
    return new HomeLock(channel, lock);
  }

  @Override
  public void close() throws IOException {
    lock.release();
    channel.close();
  }
}
