package dev.muster.kernel.replication;

import dev.muster.kernel.store.Tx;
import java.time.Instant;

/** What another region told, as if it had come through the table. */
public final class Mirrored {
  private Mirrored() {}

  public static void keep(Tx tx, String environment, Item item, Instant now) {
    Mirror.keep(tx, environment, item, now);
  }
}
