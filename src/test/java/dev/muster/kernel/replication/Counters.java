package dev.muster.kernel.replication;

import dev.muster.kernel.store.Facts;
import dev.muster.kernel.store.Read;
import dev.muster.kernel.store.Tx;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The simplest kind of aggregates: numbers that only rise, kept as facts. */
class Counters implements ReplicatedKind {
  static final String ENVIRONMENT = "prod";

  @Override
  public String kind() {
    return "counter";
  }

  static void raise(Tx tx, String name) {
    long value = value(tx, name) + 1;
    Facts.put(tx, "counter." + name, Long.toString(value));
    tx.changed(ENVIRONMENT, "counter", name);
  }

  static void remove(Tx tx, String name) {
    tx.update("delete from fact where name = ?", "counter." + name);
    tx.changed(ENVIRONMENT, "counter", name);
  }

  static long value(Read read, String name) {
    return Facts.get(read, "counter." + name).map(Long::parseLong).orElse(0L);
  }

  /** All of them, by name. */
  static Map<String, Long> all(Read read) {
    Map<String, Long> all = new TreeMap<>();
    read.all(
            "select name, content from fact where name like 'counter.%'",
            row ->
                Map.entry(
                    row.text("name").substring("counter.".length()),
                    Long.parseLong(row.text("content"))))
        .forEach(e -> all.put(e.getKey(), e.getValue()));
    return all;
  }

  static long parse(String body) {
    if (!body.matches("\\{\"value\":[0-9]+}")) {
      throw new IllegalArgumentException("it is no counter");
    }
    return Long.parseLong(body.replaceAll("[^0-9]", ""));
  }

  @Override
  public Optional<State> state(Read read, String environment, String name) {
    long value = value(read, name);
    return value == 0
        ? Optional.empty()
        : Optional.of(new State("{\"value\":" + value + "}", Optional.empty()));
  }

  @Override
  public List<String> names(Read read, String environment) {
    return List.copyOf(all(read).keySet());
  }

  @Override
  public void restore(Tx tx, String environment, Item item) {
    long value = parse(item.body());
    Facts.put(tx, "counter." + item.key().name(), Long.toString(value));
  }

  @Override
  public void arrived(Tx tx, String environment, Item item) {
    parse(item.body());
  }
}
