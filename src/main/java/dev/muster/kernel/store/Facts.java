package dev.muster.kernel.store;

import java.util.Optional;

/** Small facts that outlive a restart: cursors, switches. */
public final class Facts {
  private Facts() {}

  public static Optional<String> get(Read read, String name) {
    return read.first(
        "select \"VALUE\" as fact_value from fact where name = ?",
        row -> row.text("fact_value"),
        name);
  }

  public static void put(Tx tx, String name, String value) {
    tx.update("merge into fact (name, \"VALUE\") key (name) values (?, ?)", name, value);
  }
}
