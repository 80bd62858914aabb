package dev.muster.kernel.store;

import java.util.Optional;

/** Small facts that outlive a restart: cursors, switches. */
public final class Facts {
  private Facts() {}

  public static Optional<String> get(Read read, String name) {
    return read.first("select content from fact where name = ?", row -> row.text("content"), name);
  }

  public static void put(Tx tx, String name, String value) {
    tx.update("merge into fact (name, content) key (name) values (?, ?)", name, value);
  }

  public static void remove(Tx tx, String name) {
    tx.update("delete from fact where name = ?", name);
  }
}
