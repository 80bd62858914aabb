package dev.muster.fleet.runner;

import dev.muster.kernel.store.Read;
import dev.muster.kernel.store.Row;
import dev.muster.kernel.store.Tx;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The rows of launches. */
public final class LaunchStore {
  private LaunchStore() {}

  public static Optional<Launch> find(Read read, LaunchId id) {
    return read.first("select * from launch where id = ?", LaunchStore::launch, id.value());
  }

  /** Launches that the cloud has not answered, as after a crash. */
  public static List<Launch> unanswered(Read read) {
    return read.all("select * from launch where state = 'PLANNED'", LaunchStore::launch);
  }

  /** Whether a launch was planned at a provider and region after {@code since}. */
  public static boolean anySince(Read read, String provider, String region, Instant since) {
    return read.first(
            """
            select 1 from launch where provider = ? and region = ? and created_at > ? limit 1
            """,
            row -> true,
            provider,
            region,
            since)
        .isPresent();
  }

  /** The exact request, as it was stored. */
  public static String request(Read read, LaunchId id) {
    return read.first(
            "select request from launch where id = ?", row -> row.text("request"), id.value())
        .orElseThrow();
  }

  public static void add(Tx tx, Launch launch, String request) {
    tx.update(
        """
        insert into launch (id, pool, provider, region, spec_hash, count, request, state, created_at)
        values (?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
        launch.id().value(),
        launch.pool(),
        launch.provider(),
        launch.region(),
        launch.specHash(),
        launch.count(),
        request,
        launch.state(),
        launch.createdAt());
  }

  public static void answered(Tx tx, LaunchId id, String detail, Instant at) {
    tx.update(
        "update launch set state = 'ANSWERED', detail = ?, answered_at = ? where id = ?",
        detail.length() <= 1_000 ? detail : detail.substring(0, 1_000),
        at,
        id.value());
  }

  /** Removes up to {@code limit} launches from before {@code before} of which no runner is left. */
  public static int remove(Tx tx, Instant before, int limit) {
    List<String> old =
        tx.all(
            """
            select id from launch where state = 'ANSWERED' and created_at < ?
              and not exists (select 1 from runner where runner.launch = launch.id)
            limit ?
            """,
            row -> row.text("id"),
            before,
            limit);
    tx.updateEach(
        "delete from launch where id = ?",
        old.stream().map(id -> new @Nullable Object[] {id}).toList());
    return old.size();
  }

  private static Launch launch(Row row) {
    return new Launch(
        new LaunchId(row.text("id")),
        row.text("pool"),
        row.text("provider"),
        row.text("region"),
        row.text("spec_hash"),
        row.integer("count"),
        Launch.State.valueOf(row.text("state")),
        Optional.ofNullable(row.textOrNull("detail")),
        row.instant("created_at"),
        Optional.ofNullable(row.instantOrNull("answered_at")));
  }
}
