package dev.muster.kernel.store;

import java.sql.Connection;
import java.sql.SQLException;
import org.h2.mvstore.FileStore;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.MVStoreException;
import org.h2.mvstore.RandomAccessStore;

/**
 * Makes the database file smaller when what was in it is gone. H2 would do half of it by itself, in
 * the midst of a burst, by many megabytes at a time, and not give the room back to the disk; see
 * docs/adr/0027.
 */
final class Compaction {
  /** Bytes that a step writes anew. A commit waits for one. */
  private static final int STEP = 4 << 20;

  /** Bytes up to which a file is not worth the trouble. */
  private static final long SMALL = 32L << 20;

  /** Percent of what the file's chunks hold that is to be in use. */
  private static final int IN_USE = 60;

  /** Percent of the file that its chunks are to fill. */
  private static final int FILLED = 75;

  private Compaction() {}

  /**
   * Writes the pages that are in use in chunks that mostly are not to a new chunk, and moves chunks
   * into gaps before them.
   *
   * @return whether there was something to do
   */
  static boolean step(Connection connection) {
    try {
      MVStore store = Durability.store(connection);
      FileStore<?> file = store.getFileStore();
      if (file.size() <= SMALL) {
        return false;
      }
      boolean rewritten = store.compact(IN_USE, STEP);
      if (rewritten) {
        store.commit(); // what is rewritten is in memory until then
      }
      boolean gaps = file.getFillRate() < FILLED;
      if (gaps && file instanceof RandomAccessStore chunks) {
        chunks.compactMoveChunks(FILLED, STEP, store);
      }
      return rewritten || gaps;
    } catch (SQLException e) {
      throw Failures.of("compact its file", e);
    } catch (MVStoreException e) {
      throw new StoreUnavailableException(
          "The database file cannot be compacted now: " + e.getMessage() + "; check disk and home",
          e);
    }
  }
}
