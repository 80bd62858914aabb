package dev.muster.kernel.replication;

import dev.muster.kernel.notice.Notices;
import dev.muster.kernel.store.Database;
import dev.muster.kernel.store.Priority;
import dev.muster.kernel.store.Read;
import dev.muster.kernel.store.Tx;
import dev.muster.kernel.store.Writer;
import dev.muster.kernel.tracing.Span;
import dev.muster.kernel.tracing.SpanKind;
import dev.muster.kernel.tracing.Telemetry;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Writes what this region's aggregates of one environment are now, and reads what the others' are.
 * Each step stands for itself and may be repeated; {@link Replication} takes them in turn.
 */
public final class Replicator {
  private static final Logger log = System.getLogger(Replicator.class.getName());

  /** So many aggregates are read and written at a time. */
  static final int PAGE = 400;

  private final String environment;
  private final String region;
  private final Database database;
  private final Writer writer;
  private final InstantSource clock;
  private final SharedTable table;
  private final RegionLease lease;
  private final Telemetry telemetry;
  private final Map<String, ReplicatedKind> kinds = new HashMap<>();
  private final AtomicLong written = new AtomicLong();
  private final AtomicLong unusable = new AtomicLong();

  public Replicator(
      String environment,
      Database database,
      Writer writer,
      InstantSource clock,
      SharedTable table,
      RegionLease lease,
      Telemetry telemetry,
      List<ReplicatedKind> kinds) {
    this.environment = environment;
    this.region = lease.region();
    this.database = database;
    this.writer = writer;
    this.clock = clock;
    this.table = table;
    this.lease = lease;
    this.telemetry = telemetry;
    kinds.forEach(kind -> this.kinds.put(kind.kind(), kind));
  }

  /**
   * What a turn of writing did.
   *
   * @param settled aggregates that the table now has as they were
   * @param refused those that it did not take: to be tried again after a while
   */
  public record Turn(int settled, int refused) {}

  private record Page(List<Outbox.Pending> rows, List<Item> items, List<Outbox.Pending> known) {}

  /** Writes what waits longest, once each, as it is now. */
  public Turn send() {
    OptionalLong generation = lease.generation();
    if (generation.isEmpty()) {
      return new Turn(0, 0);
    }
    Page page = database.read(read -> page(read, generation.getAsLong()));
    Set<Item.Key> refused = new HashSet<>();
    if (!page.items().isEmpty()) {
      try (Span span = span("write items")) {
        table.write(page.items()).forEach(item -> refused.add(item.key()));
        span.set("muster.items", page.items().size()).set("muster.refused", refused.size());
      }
      written.addAndGet(page.items().size() - (long) refused.size());
    }
    List<Item> taken = page.items().stream().filter(item -> !refused.contains(item.key())).toList();
    List<Outbox.Pending> settled = new ArrayList<>(page.known());
    page.rows().stream()
        .filter(row -> !refused.contains(new Item.Key(region, row.kind(), row.name())))
        .forEach(settled::add);
    if (!settled.isEmpty()) {
      writer.run(
          Priority.HOUSEKEEPING,
          tx -> {
            Sent.keep(tx, environment, taken);
            Outbox.settle(tx, environment, settled);
          });
    }
    return new Turn(settled.size(), refused.size());
  }

  private Page page(Read read, long generation) {
    List<Outbox.Pending> rows = new ArrayList<>();
    List<Item> items = new ArrayList<>();
    List<Outbox.Pending> known = new ArrayList<>();
    for (Outbox.Pending row : Outbox.pending(read, environment, PAGE)) {
      Optional<Item> item = item(read, row, generation);
      if (item.isEmpty()) {
        known.add(row);
      } else {
        rows.add(row);
        items.add(item.get());
      }
    }
    return new Page(rows, items, known);
  }

  /** Empty where the table has it so already, or never had what is gone. */
  private Optional<Item> item(Read read, Outbox.Pending row, long generation) {
    ReplicatedKind kind = kinds.get(row.kind());
    if (kind == null) {
      return Optional.empty();
    }
    Optional<ReplicatedKind.State> state = kind.state(read, environment, row.name());
    Optional<Sent.Known> before = Sent.find(read, environment, row.kind(), row.name());
    if (state.isEmpty() && before.isEmpty()) {
      return Optional.empty();
    }
    Instant now = clock.instant();
    Item item =
        new Item(
            new Item.Key(region, row.kind(), row.name()),
            generation,
            row.version(),
            now,
            state.isEmpty(),
            state
                .map(ReplicatedKind.State::expires)
                .orElse(Optional.of(now.plus(RegionLease.FORGOTTEN))),
            state.map(ReplicatedKind.State::body).orElse("{}"));
    if (item.body().length() > Item.LARGEST_BODY) {
      log.log(
          Level.WARNING,
          "{0} is too large for the table of regions and is not written: {1} characters",
          item.key(),
          item.body().length());
      return Optional.empty();
    }
    byte[] hash = Sent.hash(item.deleted(), item.body());
    return before.filter(sent -> sent.same(hash)).isPresent()
        ? Optional.empty()
        : Optional.of(item);
  }

  /** Takes what the table says has changed; the same again, or older, changes nothing. */
  public int take(SharedTable.Batch batch) {
    for (Lease one : batch.leases()) {
      if (!lease.known(one.region())) {
        // Items may come before their writer's first lease, and nobody who did not know it read
        // them.
        reread(one.region());
      }
      lease.heard(one);
    }
    refuse(batch.unusable());
    return take(batch.items());
  }

  /** A trace of its own: an item is of many jobs' traces, which it carries. */
  private Span span(String what) {
    return telemetry
        .span("replication " + what)
        .kind(SpanKind.CLIENT)
        .under(Optional.empty())
        .set("muster.environment", environment)
        .set("muster.region", region)
        .start();
  }

  private int take(List<Item> items) {
    List<Item> others = items.stream().filter(item -> !item.key().writer().equals(region)).toList();
    if (others.isEmpty()) {
      return 0;
    }
    try (Span span = span("take items")) {
      int taken =
          writer.write(
              Priority.RECONCILE,
              tx -> {
                int news = 0;
                for (Item item : others) {
                  if (keep(tx, item)) {
                    news++;
                  }
                }
                return news;
              });
      span.set("muster.items", others.size()).set("muster.news", taken);
      return taken;
    }
  }

  private boolean keep(Tx tx, Item item) {
    if (!Mirror.keep(tx, environment, item, clock.instant())) {
      return false;
    }
    ReplicatedKind kind = kinds.get(item.key().kind());
    if (kind != null && !item.deleted()) {
      try {
        kind.arrived(tx, environment, item);
      } catch (IllegalArgumentException e) {
        refuse(tx, List.of(unusable(item, e)));
      }
    }
    return true;
  }

  private static SharedTable.Unusable unusable(Item item, IllegalArgumentException e) {
    return new SharedTable.Unusable(item.key().toString(), String.valueOf(e.getMessage()));
  }

  /**
   * Reads everything that the table has: of this region what this database does not know, as after
   * a loss or a restored backup; of the others all. What the table has no longer is forgotten.
   *
   * @return how many aggregates of this region were taken back
   */
  public int reread() {
    int restored = 0;
    Set<String> writers = new HashSet<>(Set.of(region));
    for (Lease known : table.leases()) {
      lease.heard(known);
      writers.add(known.region());
    }
    for (String from : writers) {
      restored += reread(from);
    }
    return restored;
  }

  private int reread(String from) {
    int restored = 0;
    for (int shard = 0; shard < Item.SHARDS; shard++) {
      restored += reread(from, shard);
    }
    return restored;
  }

  private int reread(String from, int shard) {
    Instant begun = clock.instant();
    Set<Item.Key> there = new HashSet<>();
    int restored = 0;
    Optional<String> next = Optional.empty();
    do {
      SharedTable.Page page = table.read(from, shard, next);
      refuse(page.unusable());
      page.items().forEach(item -> there.add(item.key()));
      if (from.equals(region)) {
        restored += restore(page.items());
      } else {
        take(page.items());
      }
      next = page.next();
    } while (next.isPresent());
    if (!from.equals(region)) {
      writer.run(
          Priority.HOUSEKEEPING,
          tx -> Mirror.removeOthers(tx, environment, from, shard, there, begun));
    }
    return restored;
  }

  private int restore(List<Item> items) {
    List<Item> unknown =
        database.read(read -> items.stream().filter(item -> ahead(read, item)).toList());
    if (unknown.isEmpty()) {
      return 0;
    }
    writer.run(
        Priority.RECONCILE,
        tx -> {
          for (Item item : unknown) {
            ReplicatedKind kind = kinds.get(item.key().kind());
            if (kind != null && !item.deleted()) {
              try {
                kind.restore(tx, environment, item);
              } catch (IllegalArgumentException e) {
                refuse(tx, List.of(unusable(item, e)));
              }
            }
          }
          Sent.keep(tx, environment, unknown);
        });
    return unknown.size();
  }

  private boolean ahead(Read read, Item item) {
    return Sent.find(read, environment, item.key().kind(), item.key().name())
        .map(known -> item.follows(known.generation(), known.version()))
        .orElse(true);
  }

  private void refuse(List<SharedTable.Unusable> refused) {
    if (!refused.isEmpty()) {
      writer.run(Priority.HOUSEKEEPING, tx -> refuse(tx, refused));
    }
  }

  private void refuse(Tx tx, List<SharedTable.Unusable> refused) {
    for (SharedTable.Unusable one : refused) {
      unusable.incrementAndGet();
      log.log(
          Level.WARNING,
          "Item {0} of {1} is left alone: {2}",
          one.key(),
          table.name(),
          one.reason());
    }
    SharedTable.Unusable first = refused.getFirst();
    Notices.raise(
        tx,
        new Notices.Notice(
            "replication-items-" + environment,
            Notices.Severity.WARNING,
            clock.instant(),
            "%s holds items that cannot be taken, as %s: %s. An older appliance waits for its update; else see who writes there"
                .formatted(table.name(), first.key(), first.reason())));
  }

  /**
   * Makes all that the table should have due to be written; what it has already is not written
   * again.
   */
  public void seed() {
    writer.run(
        Priority.HOUSEKEEPING,
        tx ->
            kinds
                .values()
                .forEach(kind -> {
                  Set<String> names = new HashSet<>(kind.names(tx, environment));
                  if (kind.complete()) {
                    names.addAll(Sent.names(tx, environment, kind.kind()));
                  }
                  names.forEach(name -> tx.changed(environment, kind.kind(), name));
                }));
  }

  /** Items written to the table so far. */
  public long written() {
    return written.get();
  }

  /** Items of the table that could not be taken so far. */
  public long unusable() {
    return unusable.get();
  }
}
