package dev.muster.fleet.runner;

import dev.muster.fleet.job.JobId;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The job that a runner is meant for, and its registration at GitHub. A registration is not bound
 * to the job: GitHub may give the runner any job with the same labels.
 *
 * @param name the runner's name at GitHub, new for each registration
 * @param githubId GitHub's number of the runner, once it is registered
 */
public record Reservation(JobId job, String name, OptionalLong githubId) {
  Reservation registered(long id) {
    return new Reservation(job, name, OptionalLong.of(id));
  }

  Reservation serving(JobId other) {
    return new Reservation(other, name, githubId);
  }

  /** The number where it is known. */
  public Optional<Long> githubNumber() {
    return githubId.isPresent() ? Optional.of(githubId.getAsLong()) : Optional.empty();
  }
}
