package dev.muster.fleet.job;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.muster.kernel.store.Read;
import dev.muster.kernel.store.Row;
import dev.muster.kernel.store.Tx;
import dev.muster.kernel.tracing.TraceContext;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** The rows of jobs and their timelines. */
public final class JobStore {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final TypeReference<List<String>> STRINGS = new TypeReference<>() {};

  /** The kind of its aggregates. */
  public static final String KIND = "job";

  /** Nothing more is done here about such a job. */
  private static final String OVER =
      "(home is not null or state in ('COMPLETED', 'REJECTED', 'INTERRUPTED', 'LOST'))";

  private JobStore() {}

  public static Optional<Job> find(Read read, JobId id) {
    return read.first("select * from job where id = ?", JobStore::job, id.value());
  }

  /** Jobs of a pool in {@code state}, the one that waits longest first. */
  public static List<Job> of(Read read, String pool, JobState state) {
    return read.all(
        "select * from job where pool = ? and state = ? order by queued_at, id",
        JobStore::job,
        pool,
        state);
  }

  /** Jobs in {@code state}, the oldest first. */
  public static List<Job> in(Read read, JobState state, int limit) {
    return read.all(
        "select * from job where state = ? and home is null order by id limit ?",
        JobStore::job,
        state,
        limit);
  }

  /** The jobs of a run that we know, of all its attempts. */
  public static List<Job> ofRun(Read read, RunRef run) {
    return read.all(
        "select * from job where repository = ? and run_id = ? order by id",
        JobStore::job,
        run.repository(),
        run.id());
  }

  /**
   * The jobs of a repository whose first label begins with {@code beginning}, the oldest first.
   *
   * @param beginning holds nothing that JSON or {@code like} reads as something else
   */
  public static List<Job> labelled(Read read, String repository, Instant since, String beginning) {
    return read.all(
        """
        select * from job where repository = ? and created_at >= ? and labels like ? order by id
        """,
        JobStore::job,
        repository,
        since,
        "[\"" + beginning + "%");
  }

  /** A page of jobs, newest first. */
  public static List<Job> newest(
      Read read, Optional<JobState> state, Optional<String> pool, long before, int limit) {
    return newest(read, state, pool, Optional.empty(), before, limit);
  }

  /** The same of one environment; a job without a place is in none. */
  public static List<Job> newest(
      Read read,
      Optional<JobState> state,
      Optional<String> pool,
      Optional<String> environment,
      long before,
      int limit) {
    StringBuilder sql = new StringBuilder("select * from job where id < ?");
    List<@Nullable Object> parameters = new ArrayList<>();
    parameters.add(before);
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
    sql.append(" order by id desc limit ?");
    parameters.add(limit);
    return read.all(sql.toString(), JobStore::job, parameters.toArray());
  }

  /** How many jobs are in each state. */
  public static Map<JobState, Long> counts(Read read) {
    Map<JobState, Long> counts = new EnumMap<>(JobState.class);
    read.all(
            "select state, count(*) n from job where home is null group by state",
            row -> Map.entry(JobState.valueOf(row.text("state")), row.number("n")))
        .forEach(e -> counts.put(e.getKey(), e.getValue()));
    return counts;
  }

  /** Jobs that ended since {@code since}, by conclusion. */
  public static Map<String, Long> conclusions(Read read, Instant since) {
    Map<String, Long> counts = new java.util.TreeMap<>();
    read.all(
            """
            select conclusion, count(*) n from job use index (job_completed)
            where state = 'COMPLETED' and home is null and completed_at >= ? group by conclusion
            """,
            row -> Map.entry(row.text("conclusion"), row.number("n")),
            since)
        .forEach(e -> counts.put(e.getKey(), e.getValue()));
    return counts;
  }

  /** The pools for which jobs wait or are assigned. */
  public static List<String> poolsWithDemand(Read read) {
    return read.all(
        """
        select distinct pool from job where state in ('QUEUED', 'ASSIGNED') and pool is not null
        """,
        row -> row.text("pool"));
  }

  /** How many jobs wait for a runner in each pool, those with one reserved included. */
  public static Map<String, Long> waiting(Read read) {
    Map<String, Long> counts = new java.util.TreeMap<>();
    read.all(
            """
            select pool, count(*) n from job
            where state in ('QUEUED', 'ASSIGNED') and pool is not null group by pool
            """,
            row -> Map.entry(row.text("pool"), row.number("n")))
        .forEach(e -> counts.put(e.getKey(), e.getValue()));
    return counts;
  }

  /**
   * A job that got its runner.
   *
   * @param warm whether that runner had been made before the job came
   */
  public record Start(String pool, Instant at, Duration waited, boolean warm) {}

  /** Jobs that runners of ours started after {@code since}, in that order. */
  public static List<Start> starts(Read read, Instant since, int limit) {
    return read.all(
        """
        select j.pool, j.started_at, j.queued_at, r.created_at from
          (select * from job where completed_at > ?
           union all
           select * from job where completed_at is null and state in ('RUNNING', 'INTERRUPTED', 'LOST')
          ) j
        join runner r on r.id = j.runner
        where j.started_at > ? and j.pool is not null and j.queued_at is not null
        order by j.started_at limit ?
        """,
        row -> {
          Instant queued = row.instant("queued_at");
          Instant started = row.instant("started_at");
          Duration waited = Duration.between(queued, started);
          return new Start(
              row.text("pool"),
              started,
              waited.isNegative() ? Duration.ZERO : waited,
              row.instant("created_at").isBefore(queued));
        },
        since,
        since,
        limit);
  }

  /** The repositories with the newest jobs since {@code since}. */
  public static List<String> repositories(Read read, Instant since, int limit) {
    return read.all(
        """
        select repository, max(created_at) newest from job where created_at > ?
        group by repository order by newest desc limit ?
        """,
        row -> row.text("repository"),
        since,
        limit);
  }

  public static List<TimelineEntry> timeline(Read read, JobId id) {
    return read.all(
        "select at, event, detail from job_event where job = ? order by sequence",
        row -> new TimelineEntry(row.instant("at"), row.text("event"), row.text("detail")),
        id.value());
  }

  /** The timelines of several jobs; one that has none is not among them. */
  public static Map<JobId, List<TimelineEntry>> timelines(Read read, List<JobId> ids) {
    Map<JobId, List<TimelineEntry>> timelines = new HashMap<>();
    if (ids.isEmpty()) {
      return timelines;
    }
    read.all(
            "select job, at, event, detail from job_event where job = any(?) order by sequence",
            row ->
                Map.entry(
                    new JobId(row.number("job")),
                    new TimelineEntry(row.instant("at"), row.text("event"), row.text("detail"))),
            (Object) ids.stream().map(JobId::value).toArray(Long[]::new))
        .forEach(line ->
            timelines.computeIfAbsent(line.getKey(), id -> new ArrayList<>()).add(line.getValue()));
    return timelines;
  }

  /**
   * Applies an event to a job that is known, and keeps the line of its timeline.
   *
   * @return the job as it is now, empty where there is no such job
   */
  public static Optional<Job> apply(Tx tx, JobId id, JobEvent event, Instant now) {
    return find(tx, id).map(job -> apply(tx, job, event, now));
  }

  /** Applies an event to a job, which is new to us when {@code facts} were never stored. */
  public static Job apply(
      Tx tx, JobFacts facts, JobEvent event, Instant now, Optional<TraceContext> trace) {
    Optional<Job> known = find(tx, facts.id());
    if (known.isPresent()) {
      return apply(tx, known.get(), event, now);
    }
    Job first = JobTransition.begin(Job.first(facts, JobState.QUEUED, trace), event);
    insert(tx, first);
    return apply(tx, first, event, now);
  }

  private static Job apply(Tx tx, Job job, JobEvent event, Instant now) {
    JobTransition.Result result = JobTransition.apply(job, event, now);
    if (!result.job().equals(job)) {
      update(tx, result.job());
      changed(tx, job.placement(), result.job());
    }
    result.entry().ifPresent(entry -> note(tx, job.id(), entry));
    return result.job();
  }

  /** A job that goes to another environment is gone from the one it was in. */
  private static void changed(Tx tx, Optional<Placement> before, Job now) {
    String name = now.id().toString();
    before.ifPresent(place -> tx.changed(place.environment(), KIND, name));
    now.placement()
        .map(Placement::environment)
        .or(() -> OwnershipStore.environment(tx, now.id()))
        .ifPresent(environment -> tx.changed(environment, KIND, name));
  }

  /** Removes up to {@code limit} jobs that ended before {@code before}, with their timelines. */
  public static int remove(Tx tx, Instant before, int limit) {
    List<Long> old =
        tx.all(
            "select id from job where completed_at < ? and "
                + OVER
                + " union all select id from job where completed_at is null and created_at < ? and "
                + OVER
                + " limit ?",
            row -> row.number("id"),
            before,
            before,
            limit);
    List<@Nullable Object[]> ids = old.stream().map(id -> new @Nullable Object[] {id}).toList();
    tx.updateEach("delete from job_event where job = ?", ids);
    tx.updateEach("delete from job_report where job = ?", ids);
    tx.updateEach("delete from job where id = ?", ids);
    return old.size();
  }

  /** The runner reserved for a job got another name at GitHub. */
  public static void renamed(Tx tx, JobId id, String runner, String name) {
    tx.update(
        """
        update job set runner_name = ?, version = version + 1
        where id = ? and runner = ? and state = 'ASSIGNED'
        """,
        name,
        id.value(),
        runner);
  }

  /** Adds a line to a job's timeline that changes no state: why it waits, which runner comes. */
  public static void note(Tx tx, JobId id, TimelineEntry entry) {
    String detail = entry.detail();
    tx.update(
        "insert into job_event (job, at, event, detail) values (?, ?, ?, ?)",
        id.value(),
        entry.at(),
        entry.event(),
        detail.length() <= 2_000 ? detail : detail.substring(0, 2_000));
  }

  /** Whether a job's timeline has this line. */
  public static boolean noted(Read read, JobId id, String event, String detail) {
    return read.count(
            "select count(*) n from job_event where job = ? and event = ? and detail = ?",
            id.value(),
            event,
            detail)
        > 0;
  }

  static void insert(Tx tx, Job job) {
    JobFacts f = job.facts();
    tx.update(
        """
        insert into job (id, run_id, run_attempt, repository, name, workflow, labels, state,
          head_sha, head_branch, installation, attempts, private_repository, created_at,
          traceparent, version)
        values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?, 0)
        """,
        f.id().value(),
        f.runId(),
        f.runAttempt(),
        f.repository(),
        f.name(),
        f.workflow().orElse(null),
        write(f.labels()),
        job.state(),
        f.headSha().orElse(null),
        f.headBranch().orElse(null),
        f.installation().isPresent() ? f.installation().getAsLong() : null,
        f.privateRepository(),
        f.createdAt(),
        job.trace().map(TraceContext::traceparent).orElse(null));
  }

  static void update(Tx tx, Job job) {
    int updated =
        tx.update(
            """
            update job set state = ?, conclusion = ?, reason = ?, pool = ?,
              environment = case when cast(? as varchar) is null and home is not null
                then environment else ? end, region = ?, runner = ?, runner_name = ?, attempts = ?, queued_at = ?,
              assigned_at = ?, started_at = ?, completed_at = ?, version = version + 1
            where id = ? and version = ?
            """,
            job.state(),
            job.conclusion().orElse(null),
            job.reason().map(r -> r.length() <= 1_000 ? r : r.substring(0, 1_000)).orElse(null),
            job.placement().map(Placement::pool).orElse(null),
            job.placement().map(Placement::environment).orElse(null),
            job.placement().map(Placement::environment).orElse(null),
            job.placement().map(Placement::region).orElse(null),
            job.runner().orElse(null),
            job.runnerName().orElse(null),
            job.attempts(),
            job.times().queued().orElse(null),
            job.times().assigned().orElse(null),
            job.times().started().orElse(null),
            job.times().completed().orElse(null),
            job.id().value(),
            job.version());
    if (updated == 0) {
      throw new IllegalStateException("Job " + job.id() + " changed while it was being changed");
    }
  }

  static Job job(Row row) {
    JobFacts facts =
        new JobFacts(
            new JobId(row.number("id")),
            row.number("run_id"),
            row.integer("run_attempt"),
            row.text("repository"),
            row.text("name"),
            Optional.ofNullable(row.textOrNull("workflow")),
            read(row.text("labels")),
            Optional.ofNullable(row.textOrNull("head_sha")),
            Optional.ofNullable(row.textOrNull("head_branch")),
            optionalLong(row.numberOrNull("installation")),
            row.flag("private_repository"),
            row.instant("created_at"));
    return new Job(
        facts,
        JobState.valueOf(row.text("state")),
        placement(row),
        Optional.ofNullable(row.textOrNull("runner")),
        Optional.ofNullable(row.textOrNull("runner_name")),
        Optional.ofNullable(row.textOrNull("conclusion")),
        Optional.ofNullable(row.textOrNull("reason")),
        row.integer("attempts"),
        new Job.Times(
            Optional.ofNullable(row.instantOrNull("queued_at")),
            Optional.ofNullable(row.instantOrNull("assigned_at")),
            Optional.ofNullable(row.instantOrNull("started_at")),
            Optional.ofNullable(row.instantOrNull("completed_at"))),
        Optional.ofNullable(row.textOrNull("traceparent")).map(TraceContext::new),
        row.number("version"));
  }

  private static Optional<Placement> placement(Row row) {
    return Optional.ofNullable(row.textOrNull("pool"))
        .map(pool -> new Placement(pool, row.text("environment"), row.text("region")));
  }

  private static OptionalLong optionalLong(@Nullable Long value) {
    return value == null ? OptionalLong.empty() : OptionalLong.of(value);
  }

  private static String write(List<String> labels) {
    try {
      return JSON.writeValueAsString(labels);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("A list of strings can always be written", e);
    }
  }

  private static List<String> read(String labels) {
    try {
      return JSON.readValue(labels, STRINGS);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("A job's labels are damaged in the database", e);
    }
  }
}
