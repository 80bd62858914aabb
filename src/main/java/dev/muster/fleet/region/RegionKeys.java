package dev.muster.fleet.region;

import dev.muster.fleet.job.JobId;
import dev.muster.kernel.queue.WorkKey;

/** The keys under which what regions have to do with each other stands in the queue. */
public final class RegionKeys {
  static final String JOB = "regional-job";
  static final String TAKEOVER = "takeover";

  private RegionKeys() {}

  /** A job of which several regions know. */
  static WorkKey job(JobId id) {
    return new WorkKey(JOB, id.toString());
  }

  /** The work that a silent region left behind in an environment. */
  public static WorkKey takeover(String environment, String region) {
    return new WorkKey(TAKEOVER, environment + "/" + region);
  }
}
