package dev.muster.fleet.runner;

import dev.muster.fleet.job.JobFacts;
import java.util.List;
import java.util.Optional;

/** Where runners are registered: GitHub, or its stand-in. Every call has a timeout. */
public interface RunnerRegistry {
  /** Where the registration for a job will lie; asks nobody. */
  String scope(JobFacts job, Optional<String> runnerGroup);

  /**
   * Makes a just-in-time registration for a job: at its repository, or in the environment's runner
   * group where one is configured.
   *
   * @param runnerGroup the group's name, empty for the job's repository
   * @throws dev.muster.kernel.reconcile.TransientException when GitHub cannot be asked now
   * @throws dev.muster.kernel.reconcile.StalledException when GitHub refuses for good
   */
  Registration register(JobFacts job, String name, Optional<String> runnerGroup);

  /** Removes a registration, unless its runner is at work. */
  Removal remove(String scope, long githubId);

  /** The registrations of a scope, ours and others'. */
  List<Remote> list(String scope);

  /**
   * What GitHub made.
   *
   * @param scope where it lies, as {@code repos/acme/api} or {@code orgs/acme}
   * @param jitConfig a secret that lets one runner run one job
   */
  record Registration(String scope, long githubId, String jitConfig) {
    @Override
    public String toString() {
      return "Registration[" + scope + ", " + githubId + "]";
    }
  }

  /** One registration as GitHub lists it. */
  record Remote(long githubId, String name, boolean online, boolean busy) {}

  /** What became of a removal. */
  enum Removal {
    /** It is gone, or was gone already. */
    REMOVED,
    /** GitHub refuses: the runner is at work. */
    BUSY
  }
}
