package dev.muster.kernel.queue;

import dev.muster.kernel.store.Read;
import dev.muster.kernel.store.Row;
import dev.muster.kernel.store.Tx;
import dev.muster.kernel.tracing.TraceContext;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The durable, deduplicated queue of keys. All times are given by the caller. Whoever makes a key
 * due signals {@link #onDue} after the commit, so that the loop looks at once.
 */
public final class WorkQueue {
  /** Later than any key is due. */
  private static final Instant EVER = Instant.parse("9999-12-31T00:00:00Z");

  private volatile Runnable onDue = () -> {};

  /** Names the one listener that looks for due keys. */
  public void onDue(Runnable listener) {
    this.onDue = listener;
  }

  /**
   * Makes {@code key} due at {@code due} or earlier. Changed input also ends a stall and forgets
   * past failures.
   */
  public void due(Tx tx, WorkKey key, Instant due, Optional<TraceContext> trace) {
    String traceparent = trace.map(TraceContext::traceparent).orElse(null);
    int touched =
        tx.update(
            """
            update work_queue
            set due_at = least(due_at, ?), generation = generation + 1, attempts = 0,
                stalled = null, traceparent = coalesce(?, traceparent)
            where kind = ? and name = ?
            """,
            due,
            traceparent,
            key.kind(),
            key.name());
    if (touched == 0) {
      tx.update(
          """
          insert into work_queue (kind, name, due_at, generation, attempts, traceparent)
          values (?, ?, ?, 1, 0, ?)
          """,
          key.kind(),
          key.name(),
          due,
          traceparent);
    }
    tx.afterCommit(onDue);
  }

  /**
   * Takes up to {@code limit} due keys, the longest due first, until {@code now + lease}. Until
   * then a taken key is due at the end of its lease, so that a due time which comes meanwhile is
   * compared with that and not with the past one that has just been served.
   */
  public List<Claim> claim(Tx tx, Instant now, Duration lease, int limit) {
    List<Claim> claims =
        tx.all(
            """
            select kind, name, generation, attempts, due_at, traceparent from work_queue
            where due_at <= ? and (leased_until is null or leased_until <= ?)
            order by due_at limit ?
            """,
            row ->
                new Claim(
                    keyOf(row),
                    row.number("generation"),
                    row.integer("attempts"),
                    row.instant("due_at"),
                    traceOf(row)),
            now,
            now,
            limit);
    tx.updateEach(
        "update work_queue set leased_until = ?, due_at = ? where kind = ? and name = ?",
        claims.stream()
            .map(c ->
                new @Nullable Object[] {
                  now.plus(lease), now.plus(lease), c.key().kind(), c.key().name()
                })
            .toList());
    return claims;
  }

  /** The work is done, and its trace with it; {@code next} says when to look again by itself. */
  public void complete(Tx tx, Claim claim, Optional<Instant> next) {
    if (next.isPresent()) {
      again(tx, claim, next.get(), Optional.empty());
      return;
    }
    int removed =
        tx.update(
            "delete from work_queue where kind = ? and name = ? and generation = ?",
            claim.key().kind(),
            claim.key().name(),
            claim.generation());
    if (removed == 0) {
      release(tx, claim, Optional.empty());
    }
  }

  /** Done for now; the next look, at {@code next}, belongs to {@code trace}. */
  public void again(Tx tx, Claim claim, Instant next, Optional<TraceContext> trace) {
    settle(tx, claim, next, 0, null, null, trace);
  }

  /** The work failed in a way that time may mend. */
  public void retry(Tx tx, Claim claim, Instant next, String error) {
    settle(tx, claim, next, claim.attempts() + 1, error, null, claim.trace());
  }

  /**
   * The work cannot succeed before its input changes; it waits, visibly. Input that lies elsewhere,
   * as a permission does, makes nothing due: at {@code next} it is looked at again.
   */
  public void stall(Tx tx, Claim claim, Instant next, String reason) {
    settle(tx, claim, next, claim.attempts(), reason, reason, claim.trace());
  }

  private void settle(
      Tx tx,
      Claim claim,
      Instant next,
      int attempts,
      @Nullable String error,
      @Nullable String stalled,
      Optional<TraceContext> trace) {
    int settled =
        tx.update(
            """
            update work_queue
            set leased_until = null, due_at = ?, attempts = ?, last_error = ?, stalled = ?,
              traceparent = ?
            where kind = ? and name = ? and generation = ?
            """,
            next,
            attempts,
            error,
            stalled,
            trace.map(TraceContext::traceparent).orElse(null),
            claim.key().kind(),
            claim.key().name(),
            claim.generation());
    if (settled == 0) {
      release(tx, claim, Optional.of(next).filter(at -> stalled == null));
    }
    tx.afterCommit(onDue);
  }

  /**
   * It became due again while it was worked on: that due time, in the row already, stands, unless
   * {@code next} is earlier.
   */
  private void release(Tx tx, Claim claim, Optional<Instant> next) {
    tx.update(
        """
        update work_queue set leased_until = null, due_at = least(due_at, coalesce(?, due_at))
        where kind = ? and name = ?
        """,
        next.orElse(null),
        claim.key().kind(),
        claim.key().name());
    tx.afterCommit(onDue);
  }

  /** Frees every lease: at start nobody works on anything, so what was taken is due again. */
  public void releaseAll(Tx tx, Instant now) {
    tx.update(
        "update work_queue set leased_until = null, due_at = ? where leased_until is not null",
        now);
  }

  /** When the next key that nobody holds becomes due; empty when none ever will by itself. */
  public static Optional<Instant> nextDue(Read read) {
    // By the index on due_at: the loop asks this after each commit that made a key due.
    Optional<Instant> free =
        read.first(
            """
            select due_at from work_queue
            where leased_until is null or leased_until <= due_at
            order by due_at limit 1
            """,
            row -> row.instant("due_at"));
    // What is due before that is worked on, and comes again at the end of its lease at the latest.
    Optional<Instant> held =
        read.first(
                """
                select min(leased_until) at from work_queue
                where due_at < ? and leased_until > due_at
                """,
                row -> Optional.ofNullable(row.instantOrNull("at")),
                free.orElse(EVER))
            .flatMap(at -> at);
    return Stream.of(free, held).flatMap(Optional::stream).min(Comparator.naturalOrder());
  }

  /** How many keys of a kind are worked on, or have been due since before {@code since}. */
  public static long unsettled(Read read, String kind, Instant since) {
    return read.count(
        """
        select count(*) n from work_queue
        where kind = ? and stalled is null and (leased_until is not null or due_at <= ?)
        """,
        kind,
        since);
  }

  /** What waits, for people: what is stalled first, then what failed, then the longest due. */
  public static List<WorkItem> items(Read read, int limit) {
    return read.all(
        """
        select * from work_queue
        order by case when stalled is not null then 0 when last_error is not null then 1 else 2 end,
          due_at
        limit ?
        """,
        WorkQueue::item,
        limit);
  }

  /** How a key stands; empty where nothing waits to be done about it. */
  public static Optional<WorkItem> find(Read read, WorkKey key) {
    return read.first(
        "select * from work_queue where kind = ? and name = ?",
        WorkQueue::item,
        key.kind(),
        key.name());
  }

  /**
   * How far the queue is behind.
   *
   * @param depth keys that are due and not stalled
   * @param oldestDue since when the longest due of them is
   * @param stalled keys that wait for changed input
   */
  public record Backlog(long depth, Optional<Instant> oldestDue, long stalled) {}

  public static Backlog backlog(Read read, Instant now) {
    long stalled = read.count("select count(*) n from work_queue where stalled is not null");
    return read.first(
            """
            select count(*) n, min(due_at) oldest from work_queue
            where stalled is null and due_at <= ?
            """,
            row ->
                new Backlog(
                    row.number("n"), Optional.ofNullable(row.instantOrNull("oldest")), stalled),
            now)
        .orElseThrow();
  }

  private static WorkItem item(Row row) {
    return new WorkItem(
        keyOf(row),
        row.instant("due_at"),
        row.integer("attempts"),
        traceOf(row),
        Optional.ofNullable(row.instantOrNull("leased_until")),
        Optional.ofNullable(row.textOrNull("stalled")),
        Optional.ofNullable(row.textOrNull("last_error")));
  }

  private static WorkKey keyOf(Row row) {
    return new WorkKey(row.text("kind"), row.text("name"));
  }

  private static Optional<TraceContext> traceOf(Row row) {
    return Optional.ofNullable(row.textOrNull("traceparent")).map(TraceContext::new);
  }
}
