package dev.muster.fleet.job;

import dev.muster.kernel.store.Read;
import dev.muster.kernel.store.Row;
import dev.muster.kernel.store.Tx;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** The rows of what is to be rerun. */
public final class RerunIntents {
  /** The kind of its aggregates. */
  public static final String KIND = "rerun";

  private RerunIntents() {}

  public static Optional<RerunIntent> find(Read read, RunRef run, int attempt) {
    return read.first(
        "select * from rerun_intent where repository = ? and run_id = ? and run_attempt = ?",
        RerunIntents::intent,
        run.repository(),
        run.id(),
        attempt);
  }

  /** The one of a run that is not settled, of its earliest attempt. */
  public static Optional<RerunIntent> open(Read read, RunRef run) {
    return read.first(
        """
        select * from rerun_intent
        where repository = ? and run_id = ? and state in ('WAITING', 'ASKED')
        order by run_attempt limit 1
        """,
        RerunIntents::intent,
        run.repository(),
        run.id());
  }

  /**
   * Wants the run of a job rerun after the attempt that the job is of.
   *
   * @return false where that was wanted before, whatever came of it
   */
  public static boolean want(Tx tx, JobFacts job, Instant now) {
    if (find(tx, job.run(), job.runAttempt()).isPresent()) {
      return false;
    }
    tx.update(
        """
        insert into rerun_intent
          (repository, run_id, run_attempt, state, detail, created_at, changed_at)
        values (?, ?, ?, ?, '', ?, ?)
        """,
        job.repository(),
        job.runId(),
        job.runAttempt(),
        RerunIntent.State.WAITING,
        now,
        now);
    changed(tx, job.run(), job.runAttempt());
    return true;
  }

  public static void change(
      Tx tx, RerunIntent intent, RerunIntent.State state, String detail, Instant now) {
    tx.update(
        """
        update rerun_intent set state = ?, detail = ?, changed_at = ?
        where repository = ? and run_id = ? and run_attempt = ?
        """,
        state,
        detail.length() <= 1_000 ? detail : detail.substring(0, 1_000),
        now,
        intent.run().repository(),
        intent.run().id(),
        intent.attempt());
    changed(tx, intent.run(), intent.attempt());
  }

  /** An intent is of the environment that its run's jobs are of. */
  private static void changed(Tx tx, RunRef run, int attempt) {
    tx.first(
            """
            select environment from job
            where repository = ? and run_id = ? and environment is not null limit 1
            """,
            row -> row.text("environment"),
            run.repository(),
            run.id())
        .ifPresent(environment -> tx.changed(environment, KIND, name(run, attempt)));
  }

  private static String name(RunRef run, int attempt) {
    return attempt + "/" + run;
  }

  /** The one that has a name among its kind. */
  public static Optional<RerunIntent> named(Read read, String name) {
    int slash = name.indexOf('/');
    return find(
        read, RunRef.parse(name.substring(slash + 1)), Integer.parseInt(name.substring(0, slash)));
  }

  /** The names of those of an environment that are not settled. */
  public static List<String> openNames(Read read, String environment) {
    return read.all(
        """
        select * from rerun_intent i where state in ('WAITING', 'ASKED') and exists (
          select 1 from job j where j.repository = i.repository and j.run_id = i.run_id
            and j.environment = ?)
        """,
        row -> name(intent(row).run(), intent(row).attempt()),
        environment);
  }

  /** Keeps an intent that another appliance had, where none is known. */
  public static void restore(Tx tx, RerunIntent intent) {
    if (find(tx, intent.run(), intent.attempt()).isEmpty()) {
      tx.update(
          """
          insert into rerun_intent
            (repository, run_id, run_attempt, state, detail, created_at, changed_at)
          values (?, ?, ?, ?, ?, ?, ?)
          """,
          intent.run().repository(),
          intent.run().id(),
          intent.attempt(),
          intent.state(),
          intent.detail(),
          intent.createdAt(),
          intent.changedAt());
    }
  }

  /** Whether a job is of an attempt that we asked for, so that it gets no spot capacity. */
  public static boolean onDemand(Read read, JobFacts job) {
    return job.runAttempt() > 1
        && find(read, job.run(), job.runAttempt() - 1)
            .map(RerunIntent::state)
            .filter(s -> s == RerunIntent.State.ASKED || s == RerunIntent.State.RERUN)
            .isPresent();
  }

  /** Forgets up to {@code limit} of those that changed last before {@code before}. */
  public static int remove(Tx tx, Instant before, int limit) {
    return tx.update(
        """
        delete from rerun_intent where (repository, run_id, run_attempt) in (
          select repository, run_id, run_attempt from rerun_intent where changed_at < ?
          order by changed_at limit ?)
        """,
        before,
        limit);
  }

  private static RerunIntent intent(Row row) {
    return new RerunIntent(
        new RunRef(row.text("repository"), row.number("run_id")),
        row.integer("run_attempt"),
        RerunIntent.State.valueOf(row.text("state")),
        row.text("detail"),
        row.instant("created_at"),
        row.instant("changed_at"));
  }
}
