package dev.muster.fleet.job;

import dev.muster.kernel.queue.WorkKey;

/** The keys under which what a job needs beside a runner stands in the queue. */
public final class JobKeys {
  public static final String REPORT = "report";
  public static final String RUN = "run";
  public static final String RERUN = "rerun";

  public static final String TRACE = "trace";

  private JobKeys() {}

  /** A rejected job, to be reported on its commit. */
  public static WorkKey report(JobId id) {
    return new WorkKey(REPORT, id.toString());
  }

  /** A run whose jobs wait until it is known where its code comes from. */
  public static WorkKey run(RunRef run) {
    return new WorkKey(RUN, run.toString());
  }

  /** A run that lost jobs with their machines. */
  public static WorkKey rerun(RunRef run) {
    return new WorkKey(RERUN, run.toString());
  }

  /** A job that ended, whose phases become spans. */
  public static WorkKey trace(JobId id) {
    return new WorkKey(TRACE, id.toString());
  }

  /** The run that a key of either kind names. */
  public static RunRef runOf(String name) {
    return RunRef.parse(name);
  }
}
