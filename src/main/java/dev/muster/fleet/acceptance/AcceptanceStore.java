package dev.muster.fleet.acceptance;

import dev.muster.fleet.acceptance.AcceptanceStep.Kind;
import dev.muster.fleet.acceptance.AcceptanceStep.State;
import dev.muster.fleet.acceptance.AcceptanceWorkflow.Place;
import dev.muster.fleet.spec.Os;
import dev.muster.kernel.store.Read;
import dev.muster.kernel.store.Row;
import dev.muster.kernel.store.Tx;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The rows of acceptances and their steps. */
public final class AcceptanceStore {
  private static final int LONGEST = 4_000;

  private AcceptanceStore() {}

  public static Optional<Acceptance> find(Read read, AcceptanceId id) {
    return read.first(
        "select * from acceptance where id = ?", row -> acceptance(read, row), id.value());
  }

  /** The one that has not ended; there is one at a time. */
  static Optional<AcceptanceId> open(Read read) {
    return read.first(
        "select id from acceptance where ended_at is null limit 1",
        row -> new AcceptanceId(row.text("id")));
  }

  static void add(Tx tx, Acceptance acceptance) {
    tx.update(
        """
        insert into acceptance (id, repository, branch, pool, os, created_at)
        values (?, ?, ?, ?, ?, ?)
        """,
        acceptance.id().value(),
        acceptance.place().repository(),
        acceptance.place().branch(),
        acceptance.pool(),
        acceptance.os(),
        acceptance.createdAt());
    acceptance.steps().forEach(step -> put(tx, acceptance.id(), step));
  }

  static void put(Tx tx, AcceptanceId id, AcceptanceStep step) {
    String evidence = step.evidence();
    tx.update(
        """
        merge into acceptance_step
          (acceptance, step, state, started_at, ended_at, asked_at, accepted, evidence)
        key (acceptance, step) values (?, ?, ?, ?, ?, ?, ?, ?)
        """,
        id.value(),
        step.kind(),
        step.state(),
        step.startedAt().orElse(null),
        step.endedAt().orElse(null),
        step.askedAt().orElse(null),
        step.accepted(),
        evidence.length() <= LONGEST ? evidence : evidence.substring(0, LONGEST));
  }

  static void ended(Tx tx, AcceptanceId id, Instant now) {
    tx.update("update acceptance set ended_at = ? where id = ?", now, id.value());
  }

  /** Forgets up to {@code limit} of those that ended before {@code before}. */
  public static int remove(Tx tx, Instant before, int limit) {
    List<@Nullable Object[]> ids =
        tx.all(
            "select id from acceptance where ended_at < ? order by ended_at limit ?",
            row -> new @Nullable Object[] {row.text("id")},
            before,
            limit);
    tx.updateEach("delete from acceptance_step where acceptance = ?", ids);
    tx.updateEach("delete from acceptance where id = ?", ids);
    return ids.size();
  }

  private static Acceptance acceptance(Read read, Row row) {
    AcceptanceId id = new AcceptanceId(row.text("id"));
    return new Acceptance(
        id,
        new Place(row.text("repository"), row.text("branch")),
        row.text("pool"),
        Os.valueOf(row.text("os")),
        row.instant("created_at"),
        Optional.ofNullable(row.instantOrNull("ended_at")),
        read
            .all(
                "select * from acceptance_step where acceptance = ?",
                AcceptanceStore::step,
                id.value())
            .stream()
            .sorted(Comparator.comparing(AcceptanceStep::kind))
            .toList());
  }

  private static AcceptanceStep step(Row row) {
    return new AcceptanceStep(
        Kind.valueOf(row.text("step")),
        State.valueOf(row.text("state")),
        Optional.ofNullable(row.instantOrNull("started_at")),
        Optional.ofNullable(row.instantOrNull("ended_at")),
        Optional.ofNullable(row.instantOrNull("asked_at")),
        row.flag("accepted"),
        row.text("evidence"));
  }
}
