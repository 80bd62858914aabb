package dev.muster.fleet.runner;

import dev.muster.fleet.job.JobId;
import dev.muster.kernel.queue.WorkKey;

/** The keys under which this package's objects stand in the queue. */
public final class RunnerKeys {
  public static final String RUNNER = "runner";
  public static final String LAUNCH = "launch";
  public static final String COMPUTE = "compute";
  public static final String POOL = "pool";
  public static final String JOB = "job";
  public static final String COST = "cost";

  private RunnerKeys() {}

  public static WorkKey runner(RunnerId id) {
    return new WorkKey(RUNNER, id.value());
  }

  public static WorkKey launch(LaunchId id) {
    return new WorkKey(LAUNCH, id.value());
  }

  /** A provider in a region: stops, starts and terminations are made per batch there. */
  public static WorkKey compute(String provider, String region) {
    return new WorkKey(COMPUTE, provider + "@" + region);
  }

  public static WorkKey job(JobId id) {
    return new WorkKey(JOB, id.toString());
  }

  /** What all machines cost. */
  public static WorkKey cost() {
    return new WorkKey(COST, "all");
  }

  public static WorkKey pool(String name) {
    return new WorkKey(POOL, name);
  }
}
