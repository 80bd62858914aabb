package dev.muster.fleet.job;

import dev.muster.kernel.queue.WorkKey;

/** The keys under which what a job needs beside a runner stands in the queue. */
public final class JobKeys {
  public static final String REPORT = "report";

  private JobKeys() {}

  /** A rejected job, to be reported on its commit. */
  public static WorkKey report(JobId id) {
    return new WorkKey(REPORT, id.toString());
  }
}
