package dev.muster.fleet.compute.ec2;

import dev.muster.fleet.compute.BreakerStore;
import dev.muster.fleet.compute.Breakers;
import dev.muster.kernel.store.Database;
import dev.muster.kernel.store.Facts;
import dev.muster.kernel.store.Priority;
import dev.muster.kernel.store.Tx;
import dev.muster.kernel.store.Writer;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

/** What the adapter keeps: who this appliance is, what launches asked for, what regions have. */
public final class Ec2Records {
  /** The fact that says what the machines of this appliance are tagged with. */
  public static final String APPLIANCE = "ec2.appliance";

  private final Database database;
  private final Writer writer;

  public Ec2Records(Database database, Writer writer) {
    this.database = database;
    this.writer = writer;
  }

  Breakers breakers(String provider, InstantSource clock) {
    return new Breakers(database, writer, clock, provider);
  }

  /** The breakers of a region that let nothing through now. */
  List<BreakerStore.Known> shut(String provider, String region, Instant now) {
    return database.read(BreakerStore::open).stream()
        .filter(known -> known.provider().equals(provider) && known.region().equals(region))
        .filter(known -> !known.breaker().allows(now))
        .toList();
  }

  /** A catalogue and when the account was asked for it. */
  record Known(Catalogue catalogue, Instant at) {}

  /** The value of the tag that marks this appliance's machines; made at first use. */
  String appliance() {
    return database
        .read(read -> Facts.get(read, APPLIANCE))
        .orElseGet(() ->
            writer.write(
                Priority.RECONCILE,
                tx ->
                    Facts.get(tx, APPLIANCE)
                        .orElseGet(() -> {
                          String made = UUID.randomUUID().toString();
                          Facts.put(tx, APPLIANCE, made);
                          return made;
                        })));
  }

  Optional<FleetChoice> choice(String launch) {
    return database.read(read ->
        read.first(
            "select choice from ec2_launch where launch = ?",
            row -> FleetChoice.parse(row.text("choice")),
            launch));
  }

  void chosen(String launch, FleetChoice choice, Instant at) {
    writer.run(
        Priority.RECONCILE,
        tx ->
            tx.update(
                "insert into ec2_launch (launch, choice, chosen_at) values (?, ?, ?)",
                launch,
                choice.json(),
                at));
  }

  /**
   * Launches whose runners have not all ended, by the role of the account that they were made in,
   * so that a config which no longer names an account does not hide the machines in it. Empty text
   * is the appliance's own account.
   */
  Map<String, Set<String>> livingLaunches(String region) {
    return database
        .read(read ->
            read.all(
                """
                select launch, choice from ec2_launch where launch in (
                  select launch from runner
                  where state <> 'TERMINATED' and provider = 'ec2' and region = ?)
                """,
                row -> Map.entry(FleetChoice.parse(row.text("choice")).role(), row.text("launch")),
                region))
        .stream()
        .collect(
            Collectors.groupingBy(
                Map.Entry::getKey, Collectors.mapping(Map.Entry::getValue, Collectors.toSet())));
  }

  /**
   * Forgets up to {@code limit} choices from before {@code before} whose runners have ended;
   * returns how many.
   */
  public static int remove(Tx tx, Instant before, int limit) {
    return tx.update(
        """
        delete from ec2_launch where chosen_at < ? and launch not in (
          select launch from runner where state <> 'TERMINATED') fetch first ? rows only
        """,
        before,
        limit);
  }

  Optional<Known> catalogue(String region) {
    return database.read(read ->
        read.first(
            "select types, fetched_at from ec2_catalogue where region = ?",
            row -> new Known(Catalogue.parse(row.text("types")), row.instant("fetched_at")),
            region));
  }

  void catalogue(String region, Catalogue catalogue, Instant at) {
    writer.run(
        Priority.HOUSEKEEPING,
        tx ->
            tx.update(
                "merge into ec2_catalogue (region, types, fetched_at) key (region) values (?, ?, ?)",
                region,
                catalogue.text(),
                at));
  }
}
