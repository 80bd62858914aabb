package dev.muster.webhook;

import java.nio.ByteBuffer;
import java.util.OptionalLong;

/**
 * Where the last bodies were recorded, by the first eight bytes of their SHA-256. It only hints:
 * the database is asked whether the hint holds, so a commit that failed after its note, or two
 * bodies whose hashes begin alike, do no harm.
 *
 * <p>In memory, because an index by hash on disk costs more than all else that ingestion does:
 * every row of a commit dirties a page of its own. GitHub sends the same delivery again for three
 * days.
 *
 * <p>Two generations: when the younger is full it becomes the older, and the older is forgotten. At
 * sixteen bytes a slot both take eight mebibytes at most. Not thread-safe; the writer's thread
 * alone uses it.
 */
final class RecentBodies {
  /** At least so many are recognised, and at most twice as many. */
  static final int KEPT = 1 << 17;

  private Generation younger = new Generation();
  private Generation older = new Generation();

  /** The number of the commit that such a body may have been recorded in. */
  OptionalLong commitOf(byte[] hash) {
    long key = keyOf(hash);
    OptionalLong commit = younger.get(key);
    return commit.isPresent() ? commit : older.get(key);
  }

  /** Returns the commit, for streams of rows. */
  long note(byte[] hash, long commit) {
    if (younger.size == KEPT) {
      older = younger;
      younger = new Generation();
    }
    younger.put(keyOf(hash), commit);
    return commit;
  }

  /** Zero marks a free slot. */
  private static long keyOf(byte[] hash) {
    return Math.max(1, ByteBuffer.wrap(hash).getLong() >>> 1);
  }

  /** Open addressing with linear probing, at most half full; nothing is ever removed. */
  private static final class Generation {
    private long[] keys = new long[1 << 10];
    private long[] commits = new long[1 << 10];
    private int size;

    OptionalLong get(long key) {
      int slot = slotOf(key);
      return keys[slot] == key ? OptionalLong.of(commits[slot]) : OptionalLong.empty();
    }

    void put(long key, long commit) {
      int slot = slotOf(key);
      if (keys[slot] != key) {
        if (2 * size == keys.length) {
          grow();
          slot = slotOf(key);
        }
        keys[slot] = key;
        size++;
      }
      commits[slot] = commit;
    }

    /** The slot that holds {@code key}, or the free one where it goes. */
    private int slotOf(long key) {
      int slot = (int) key & (keys.length - 1);
      while (keys[slot] != 0 && keys[slot] != key) {
        slot = (slot + 1) & (keys.length - 1);
      }
      return slot;
    }

    private void grow() {
      long[] oldKeys = keys;
      long[] oldCommits = commits;
      keys = new long[2 * oldKeys.length];
      commits = new long[2 * oldKeys.length];
      for (int i = 0; i < oldKeys.length; i++) {
        if (oldKeys[i] != 0) {
          int slot = slotOf(oldKeys[i]);
          keys[slot] = oldKeys[i];
          commits[slot] = oldCommits[i];
        }
      }
    }
  }
}
