package dev.muster.agent.common;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Whether the disk that jobs work on fills up, said once when little is left (less than 5 % or 1
 * GiB) and once when nothing is. Most jobs then fail with messages that do not name the disk.
 */
final class DiskWatch implements Lookout {
  private static final long MIB = 1024 * 1024;
  private static final long LITTLE = 1024 * MIB;
  private static final long NOTHING = 4 * MIB;
  private static final int LITTLE_PERCENT = 5;

  /** In bytes; what is free is what an ordinary user may still write. */
  record Space(long free, long total) {
    boolean nearlyFull() {
      return free < LITTLE || free * 100 < total * LITTLE_PERCENT;
    }

    boolean full() {
      return free < NOTHING;
    }
  }

  /** Measures. */
  interface Disk {
    Space space() throws IOException;

    /** The file system that a folder is on. */
    static Disk of(Path folder) {
      return () -> {
        FileStore store = Files.getFileStore(folder.toRealPath());
        return new Space(store.getUsableSpace(), store.getTotalSpace());
      };
    }
  }

  private final Path folder;
  private final Disk disk;
  private boolean saidNearly;
  private boolean saidFull;

  DiskWatch(Path folder, Disk disk) {
    this.folder = folder;
    this.disk = disk;
  }

  @Override
  public List<Notice> look() throws IOException {
    Space space = disk.space();
    if (space.full() && !saidFull) {
      saidFull = true;
      saidNearly = true;
      return List.of(remark("disk full", space));
    }
    if (space.nearlyFull() && !saidNearly) {
      saidNearly = true;
      return List.of(remark("disk nearly full", space));
    }
    return List.of();
  }

  private Notice remark(String what, Space space) {
    return new Notice.Remark(
        "%s: %d of %d MiB left where jobs work (%s)"
            .formatted(what, space.free() / MIB, space.total() / MIB, folder));
  }
}
