package dev.muster.fleet.job;

import dev.muster.kernel.store.Read;
import dev.muster.kernel.store.Tx;
import java.time.Instant;
import java.util.Optional;

/** The rows of what was said at GitHub about rejected jobs, one for each job and for good. */
public final class JobReports {
  private JobReports() {}

  /** How far the report of a job is. */
  public enum Progress {
    /** Nothing was tried. */
    NONE,
    /** It was tried, and GitHub may have heard of it. */
    BEGUN,
    /** Nothing is left to do, whatever came of it. */
    SETTLED
  }

  public static Progress of(Read read, JobId job) {
    return read.first(
            "select outcome from job_report where job = ?",
            row ->
                Optional.ofNullable(row.textOrNull("outcome"))
                    .map(outcome -> Progress.SETTLED)
                    .orElse(Progress.BEGUN),
            job.value())
        .orElse(Progress.NONE);
  }

  /** Notes that GitHub is about to be told. */
  public static void begin(Tx tx, JobId job, Instant now) {
    tx.update("merge into job_report (job, begun_at) key (job) values (?, ?)", job.value(), now);
  }

  /** Notes what came of it; nothing is tried again. */
  public static void settle(Tx tx, JobId job, String outcome, Instant now) {
    tx.update(
        "merge into job_report (job, begun_at, outcome) key (job) values (?, ?, ?)",
        job.value(),
        now,
        outcome.length() <= 300 ? outcome : outcome.substring(0, 300));
  }
}
