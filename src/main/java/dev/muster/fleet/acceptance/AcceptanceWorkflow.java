package dev.muster.fleet.acceptance;

import dev.muster.fleet.job.RunRef;
import java.time.Duration;

/**
 * The workflow that an acceptance runs: a file in the repository, with one job on {@code runs_on}
 * that takes {@code seconds}. Every call has a timeout and throws {@link
 * dev.muster.kernel.reconcile.TransientException} or {@link
 * dev.muster.kernel.reconcile.StalledException}.
 */
public interface AcceptanceWorkflow {
  /** Its name in {@code .github/workflows}. */
  String FILE = "muster-accept.yml";

  /**
   * Where it is dispatched.
   *
   * @param repository {@code owner/name} as GitHub writes it
   * @param branch whose file is run
   */
  record Place(String repository, String branch) {}

  /** Whether a repository has it. */
  sealed interface Lookup {
    /** It is there. */
    record Found(Place place) implements Lookup {}

    /** It is not, or is not shown to the App; the reason says the way out. */
    record Missing(String reason) implements Lookup {}
  }

  /** Looks for it on the repository's default branch. */
  Lookup find(String repository);

  /** What became of asking for a run. */
  sealed interface Dispatch {
    /** GitHub will queue its job; the webhook tells which. */
    record Accepted() implements Dispatch {}

    /** GitHub will not, whenever it is asked. */
    record Refused(String reason) implements Dispatch {}
  }

  /**
   * Asks for a run. Asking twice makes two.
   *
   * @param runsOn the only label of its job
   * @param work how long the job takes, in whole seconds
   */
  Dispatch dispatch(Place place, String runsOn, Duration work);

  /** Cancels a run; one that has ended is left as it is. */
  void cancel(RunRef run);
}
