package dev.muster.fleet.runner;

import dev.muster.fleet.compute.Offer;
import dev.muster.fleet.job.JobId;
import dev.muster.fleet.job.TimelineEntry;
import dev.muster.kernel.store.Read;
import dev.muster.kernel.store.Row;
import dev.muster.kernel.store.Tx;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The rows of runners and their timelines. */
public final class RunnerStore {
  /** Not ended: by the states that are left an index finds the few among all that have. */
  static final String LIVING = in(state -> !state.ended());

  private static final String ALIVE = in(RunnerState::alive);

  /** The kind of its aggregates. */
  public static final String KIND = "runner";

  private RunnerStore() {}

  private static String in(Predicate<RunnerState> wanted) {
    return Stream.of(RunnerState.values())
        .filter(wanted)
        .map(state -> "'" + state.name() + "'")
        .collect(Collectors.joining(", ", "state in (", ")"));
  }

  public static Optional<Runner> find(Read read, RunnerId id) {
    return read.first("select * from runner where id = ?", RunnerStore::runner, id.value());
  }

  /** The runner that is known at GitHub under {@code name}. */
  public static Optional<Runner> named(Read read, String name) {
    return read.first(
        "select * from runner where name = ? order by created_at desc limit 1",
        RunnerStore::runner,
        name);
  }

  /** Runners of a pool that have not ended, the oldest first. */
  public static List<Runner> living(Read read, String pool) {
    return read.all(
        """
        select * from runner use index (runner_pool) where pool = ? and state <> 'TERMINATED'
        order by created_at, id
        """,
        RunnerStore::runner,
        pool);
  }

  /** Every runner that has not ended, newest first. */
  public static List<Runner> living(Read read, int limit) {
    return read.all(
        "select * from runner where " + LIVING + " order by created_at desc, id limit ?",
        RunnerStore::runner,
        limit);
  }

  /**
   * A page of all runners, the ended ones included, newest first.
   *
   * @param before the last runner of the page before
   */
  public static List<Runner> newest(
      Read read,
      Optional<RunnerState> state,
      Optional<String> pool,
      Optional<Runner> before,
      int limit) {
    return newest(read, state, pool, Optional.empty(), before, limit);
  }

  /** The same of one environment. */
  public static List<Runner> newest(
      Read read,
      Optional<RunnerState> state,
      Optional<String> pool,
      Optional<String> environment,
      Optional<Runner> before,
      int limit) {
    StringBuilder sql = new StringBuilder("select * from runner where true");
    List<@Nullable Object> parameters = new ArrayList<>();
    state.ifPresent(s -> {
      sql.append(" and state = ?");
      parameters.add(s);
    });
    pool.ifPresent(p -> {
      sql.append(" and pool = ?");
      parameters.add(p);
    });
    environment.ifPresent(e -> {
      sql.append(" and environment = ?");
      parameters.add(e);
    });
    before.ifPresent(last -> {
      sql.append(" and (created_at < ? or (created_at = ? and id > ?))");
      parameters.add(last.origin().createdAt());
      parameters.add(last.origin().createdAt());
      parameters.add(last.id().value());
    });
    sql.append(" order by created_at desc, id limit ?");
    parameters.add(limit);
    return read.all(sql.toString(), RunnerStore::runner, parameters.toArray());
  }

  /** Runners in any of the states on one provider and region, the oldest first. */
  public static List<Runner> in(Read read, String provider, String region, RunnerState... states) {
    List<Runner> runners = new ArrayList<>();
    for (RunnerState state : states) {
      runners.addAll(
          read.all(
              """
              select * from runner where state = ? and provider = ? and region = ?
              order by created_at, id
              """,
              RunnerStore::runner,
              state,
              provider,
              region));
    }
    return runners;
  }

  public static List<Runner> of(Read read, LaunchId launch) {
    return read.all(
        "select * from runner where launch = ? order by id", RunnerStore::runner, launch.value());
  }

  /** When a runner's agent said that its job had run; empty while it has not. */
  public static Optional<Instant> finishedAt(Read read, RunnerId id) {
    return read.first(
            "select finished_at from runner where id = ?",
            row -> Optional.ofNullable(row.instantOrNull("finished_at")),
            id.value())
        .flatMap(at -> at);
  }

  static void finished(Tx tx, RunnerId id, Instant at) {
    tx.update("update runner set finished_at = ? where id = ?", at, id.value());
  }

  /** What a runner's machine was bought as; empty where its provider sells nothing. */
  public static Optional<Offer> offer(Read read, RunnerId id) {
    return read.first(
            "select machine_type, zone, spot from runner where id = ?",
            RunnerStore::offer,
            id.value())
        .flatMap(offer -> offer);
  }

  private static Optional<Offer> offer(Row row) {
    String type = row.textOrNull("machine_type");
    return type == null
        ? Optional.empty()
        : Optional.of(new Offer(type, row.text("zone"), row.flag("spot")));
  }

  /**
   * A machine whose time is not wholly accounted for.
   *
   * @param until up to when it is
   */
  public record Uncosted(Runner runner, Offer offer, Optional<Instant> until) {}

  /** The machines whose time is not wholly accounted for. */
  public static List<Uncosted> uncosted(Read read) {
    return read.all(
        "select * from runner where not costed and machine_type is not null order by created_at",
        row ->
            new Uncosted(
                runner(row),
                offer(row).orElseThrow(),
                Optional.ofNullable(row.instantOrNull("costed_until"))));
  }

  /** The timelines of those. */
  public static Map<RunnerId, List<TimelineEntry>> uncostedTimelines(Read read) {
    Map<RunnerId, List<TimelineEntry>> timelines = new HashMap<>();
    read.all(
            """
            select e.runner, e.at, e.event from runner_event e join runner r on r.id = e.runner
            where not r.costed and r.machine_type is not null order by e.sequence
            """,
            row ->
                Map.entry(
                    new RunnerId(row.text("runner")),
                    new TimelineEntry(row.instant("at"), row.text("event"), "")))
        .forEach(line ->
            timelines.computeIfAbsent(line.getKey(), id -> new ArrayList<>()).add(line.getValue()));
    return timelines;
  }

  /** A machine's time is accounted for up to {@code until}; {@code wholly} when it has ended. */
  public static void costed(Tx tx, RunnerId id, Instant until, boolean wholly) {
    tx.update(
        "update runner set costed_until = ?, costed = ? where id = ?", until, wholly, id.value());
  }

  static void bought(Tx tx, RunnerId id, Offer offer) {
    tx.update(
        "update runner set machine_type = ?, zone = ?, spot = ? where id = ?",
        offer.type(),
        offer.zone(),
        offer.spot(),
        id.value());
  }

  /** The runner on an instance, where we know one. */
  public static Optional<Runner> on(Read read, String provider, String instance) {
    return read.first(
        "select * from runner where provider = ? and instance = ?",
        RunnerStore::runner,
        provider,
        instance);
  }

  /** How many runners of each pool are in each state, for the page. */
  public record PoolCount(String pool, RunnerState state, int count) {}

  public static List<PoolCount> counts(Read read) {
    return read.all(
        "select pool, state, count(*) n from runner where " + LIVING + " group by pool, state",
        row ->
            new PoolCount(
                row.text("pool"), RunnerState.valueOf(row.text("state")), row.integer("n")));
  }

  /** Runners that have not ended, on all pools. */
  public static int countAlive(Read read) {
    return Math.toIntExact(read.count("select count(*) n from runner where " + ALIVE));
  }

  /** Runners of a spec whose process on this machine has not ended. */
  public static int takingSlots(Read read, String spec) {
    return Math.toIntExact(
        read.count(
            "select count(*) n from runner where spec = ? and provider = 'local' and " + LIVING,
            spec));
  }

  public static List<TimelineEntry> timeline(Read read, RunnerId id) {
    return read.all(
        "select at, event, detail from runner_event where runner = ? order by sequence",
        row -> new TimelineEntry(row.instant("at"), row.text("event"), row.text("detail")),
        id.value());
  }

  /** Stores the runners of a launch in one statement. */
  public static void add(Tx tx, List<Runner> runners) {
    tx.updateEach(
        """
        insert into runner (id, launch, pool, provider, environment, region, spec, spec_hash, state,
          since, deadline, report_sequence, created_at, version)
        values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, 0)
        """,
        runners.stream().map(RunnerStore::columns).toList());
  }

  private static @Nullable Object[] columns(Runner runner) {
    RunnerOrigin o = runner.origin();
    return new @Nullable Object[] {
      runner.id().value(),
      o.launch().value(),
      o.pool(),
      o.provider(),
      o.environment(),
      o.region(),
      o.spec(),
      o.specHash(),
      runner.state(),
      runner.since(),
      runner.deadline().orElse(null),
      o.createdAt()
    };
  }

  /**
   * Applies an event and keeps the line of the timeline.
   *
   * @return the runner as it is now
   */
  public static Runner apply(
      Tx tx, Runner runner, RunnerEvent event, Instant now, Deadlines limits) {
    Runner next = RunnerTransition.apply(runner, event, now, limits);
    if (next.equals(runner)) {
      return runner;
    }
    Long readyAfter =
        next.state() == RunnerState.READY && runner.state() != RunnerState.READY
            ? Duration.between(startOf(runner), now).toSeconds()
            : null;
    int updated =
        tx.update(
            """
            update runner set state = ?, since = ?, deadline = ?, instance = ?, job = ?, name = ?,
              github_id = ?, reason = ?, ready_seconds = coalesce(?, ready_seconds),
              version = version + 1
            where id = ? and version = ?
            """,
            next.state(),
            next.since(),
            next.deadline().orElse(null),
            next.instance().orElse(null),
            next.reservation().map(r -> r.job().value()).orElse(null),
            next.reservation().map(Reservation::name).orElse(null),
            next.reservation().flatMap(Reservation::githubNumber).orElse(null),
            next.reason().map(RunnerStore::cut).orElse(null),
            readyAfter,
            runner.id().value(),
            runner.version());
    if (updated == 0) {
      throw new IllegalStateException("Runner " + runner.id() + " changed while being changed");
    }
    if (!next.instance().equals(runner.instance())
        || next.state().ended() != runner.state().ended()) {
      tx.changed(runner.origin().environment(), KIND, runner.id().value());
    }
    if (next.state() != runner.state()) {
      note(tx, runner.id(), new TimelineEntry(now, next.state().word(), detail(next)));
    }
    return find(tx, runner.id()).orElseThrow();
  }

  /** A provider or an agent may say more than a line. */
  private static String cut(String reason) {
    return reason.length() <= 1_000 ? reason : reason.substring(0, 1_000);
  }

  private static Instant startOf(Runner runner) {
    return runner.state() == RunnerState.STARTING ? runner.since() : runner.origin().createdAt();
  }

  private static String detail(Runner runner) {
    return switch (runner.state()) {
      case BOOTING -> "instance " + runner.instance().orElse("?");
      case READY -> "enrolled";
      case ASSIGNED, REGISTERED, BUSY ->
          runner.reservation().map(r -> "job " + r.job() + " as " + r.name()).orElse("");
      case PLANNED, LAUNCHING, STOPPED -> "";
      case STOPPING, STARTING, TERMINATING, TERMINATED, FAILED -> runner.reason().orElse("");
    };
  }

  /** Removes up to {@code limit} runners that ended before {@code before}, with what is theirs. */
  public static int remove(Tx tx, Instant before, int limit) {
    List<String> old =
        tx.all(
            "select id from runner where state = 'TERMINATED' and since < ? limit ?",
            row -> row.text("id"),
            before,
            limit);
    List<@Nullable Object[]> ids = old.stream().map(id -> new @Nullable Object[] {id}).toList();
    tx.updateEach("delete from runner_event where runner = ?", ids);
    tx.updateEach("delete from interruption where runner = ?", ids);
    RunnerOutput.remove(tx, ids);
    tx.updateEach("delete from registration where runner = ? and removed_at is not null", ids);
    tx.updateEach("delete from runner where id = ?", ids);
    return old.size();
  }

  /** Adds a line to a runner's timeline that changes no state. */
  public static void note(Tx tx, RunnerId id, TimelineEntry entry) {
    String detail = entry.detail();
    tx.update(
        "insert into runner_event (runner, at, event, detail) values (?, ?, ?, ?)",
        id.value(),
        entry.at(),
        entry.event(),
        detail.length() <= 2_000 ? detail : detail.substring(0, 2_000));
  }

  static Runner runner(Row row) {
    RunnerOrigin origin =
        new RunnerOrigin(
            new LaunchId(row.text("launch")),
            row.text("pool"),
            row.text("provider"),
            row.text("environment"),
            row.text("region"),
            row.text("spec"),
            row.text("spec_hash"),
            row.instant("created_at"));
    return new Runner(
        new RunnerId(row.text("id")),
        origin,
        RunnerState.valueOf(row.text("state")),
        row.instant("since"),
        Optional.ofNullable(row.instantOrNull("deadline")),
        Optional.ofNullable(row.textOrNull("instance")),
        reservation(row),
        Optional.ofNullable(row.textOrNull("reason")),
        row.number("version"));
  }

  private static Optional<Reservation> reservation(Row row) {
    Long job = row.numberOrNull("job");
    if (job == null) {
      return Optional.empty();
    }
    Long githubId = row.numberOrNull("github_id");
    return Optional.of(
        new Reservation(
            new JobId(job),
            row.text("name"),
            githubId == null ? OptionalLong.empty() : OptionalLong.of(githubId)));
  }
}
