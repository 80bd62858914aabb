package dev.muster.kernel.replication;

import dev.muster.kernel.store.Read;
import dev.muster.kernel.store.Row;
import dev.muster.kernel.store.Tx;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The rows of what other regions wrote, as far as it is known here. */
public final class Mirror {
  private Mirror() {}

  /**
   * An item, and since when it is known here.
   *
   * @param receivedAt by this region's clock
   */
  public record Held(String environment, Item item, Instant receivedAt) {}

  /** Keeps an item where it follows what is known; false where it does not. */
  static boolean keep(Tx tx, String environment, Item item, Instant now) {
    Item.Key key = item.key();
    boolean old =
        tx.first(
                """
                select generation, version from remote_item
                where environment = ? and writer = ? and kind = ? and name = ?
                """,
                row -> !item.follows(row.number("generation"), row.number("version")),
                environment,
                key.writer(),
                key.kind(),
                key.name())
            .orElse(false);
    if (old) {
      return false;
    }
    tx.update(
        """
        merge into remote_item (environment, writer, kind, name, shard, generation, version,
          written_at, received_at, expires_at, deleted, body)
        key (environment, writer, kind, name) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
        environment,
        key.writer(),
        key.kind(),
        key.name(),
        key.shard(),
        item.generation(),
        item.version(),
        item.writtenAt(),
        now,
        item.expires().orElse(null),
        item.deleted(),
        item.body());
    return true;
  }

  /** What every other region says of one aggregate. */
  public static List<Held> of(Read read, String kind, String name) {
    return read.all(
        "select * from remote_item where kind = ? and name = ? and not deleted order by writer",
        Mirror::held,
        kind,
        name);
  }

  /** All of a kind, the newest first. */
  public static List<Held> ofKind(Read read, String kind, int limit) {
    return read.all(
        """
        select * from remote_item where kind = ? and not deleted
        order by written_at desc, writer, name limit ?
        """,
        Mirror::held,
        kind,
        limit);
  }

  /** A region's aggregates of a kind, in the order of their names, after {@code after}. */
  public static List<Held> ofWriter(
      Read read, String environment, String writer, String kind, String after, int limit) {
    return read.all(
        """
        select * from remote_item
        where environment = ? and writer = ? and kind = ? and name > ? and not deleted
        order by name limit ?
        """,
        Mirror::held,
        environment,
        writer,
        kind,
        after,
        limit);
  }

  /** The regions that ever told anything. */
  public static List<String> writers(Read read, String environment) {
    return read.all(
        "select distinct writer from remote_item where environment = ? order by writer",
        row -> row.text("writer"),
        environment);
  }

  /** Whether a region ever told anything. */
  public static boolean knows(Read read, String environment, String writer) {
    return read.first(
            "select 1 from remote_item where environment = ? and writer = ? limit 1",
            row -> true,
            environment,
            writer)
        .orElse(false);
  }

  /** How many aggregates of each kind a region has. */
  public static long count(Read read, String environment, String writer, String kind) {
    return read.count(
        """
        select count(*) n from remote_item
        where environment = ? and writer = ? and kind = ? and not deleted
        """,
        environment,
        writer,
        kind);
  }

  /** Removes what the table no longer has: all of a shard but {@code there}, known before then. */
  static void removeOthers(
      Tx tx, String environment, String writer, int shard, Set<Item.Key> there, Instant before) {
    List<@Nullable Object[]> gone =
        tx
            .all(
                """
                select kind, name from remote_item
                where environment = ? and writer = ? and shard = ? and received_at < ?
                """,
                row -> new Item.Key(writer, row.text("kind"), row.text("name")),
                environment,
                writer,
                shard,
                before)
            .stream()
            .filter(key -> !there.contains(key))
            .map(key -> new @Nullable Object[] {environment, writer, key.kind(), key.name()})
            .toList();
    tx.updateEach(
        "delete from remote_item where environment = ? and writer = ? and kind = ? and name = ?",
        gone);
  }

  /** Forgets up to {@code limit} that the table forgets too. */
  public static int remove(Tx tx, Instant now, int limit) {
    return tx.update(
        "delete from remote_item where expires_at < ? fetch first ? rows only", now, limit);
  }

  private static Held held(Row row) {
    return new Held(
        row.text("environment"),
        new Item(
            new Item.Key(row.text("writer"), row.text("kind"), row.text("name")),
            row.number("generation"),
            row.number("version"),
            row.instant("written_at"),
            row.flag("deleted"),
            Optional.ofNullable(row.instantOrNull("expires_at")),
            row.text("body")),
        row.instant("received_at"));
  }
}
