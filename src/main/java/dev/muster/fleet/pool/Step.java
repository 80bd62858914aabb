package dev.muster.fleet.pool;

import dev.muster.fleet.job.JobId;
import dev.muster.fleet.runner.RunnerId;

/** One thing that a plan does, and why. */
public sealed interface Step {
  String reason();

  /** A ready runner gets a job. */
  record Assign(RunnerId runner, JobId job, String reason) implements Step {}

  /** A runner whose job went elsewhere waits for another with the same labels. */
  record Rebind(RunnerId runner, JobId job, String reason) implements Step {}

  /**
   * A job whose runner is gone waits again, where the config in force places it: it may have
   * changed since the job got that runner. The next plan serves it.
   */
  record Return(JobId job, String reason) implements Step {}

  /** A waiting job whose place is not the pool's any more gets its place anew. */
  record Place(JobId job, String reason) implements Step {}

  /** A stopped runner is started. */
  record Start(RunnerId runner, String reason) implements Step {}

  /**
   * New runners.
   *
   * @param warm for the pool's desired numbers and not for a job: must be stoppable
   */
  record Launch(int count, boolean warm, String reason) implements Step {}

  /** An idle runner is stopped and kept. */
  record Stop(RunnerId runner, String reason) implements Step {}

  /** A registered runner without a job is taken off GitHub first, which refuses while it works. */
  record Release(RunnerId runner, String reason) implements Step {}

  /** An idle or stopped runner is terminated. */
  record Terminate(RunnerId runner, String reason) implements Step {}
}
