package dev.muster.fleet.job;

import java.time.Instant;
import java.util.Optional;

/** What can happen to a job: what GitHub says, and what we decide. */
public sealed interface JobEvent {
  /** GitHub: it waits for an approval. */
  record Waiting() implements JobEvent {}

  /** GitHub: it wants a runner, since {@code at}. */
  record Queued(Instant at) implements JobEvent {}

  /**
   * GitHub: a runner took it.
   *
   * @param runner our id of that runner, empty when it is not ours
   */
  record Started(Instant at, Optional<String> runner, String runnerName) implements JobEvent {}

  /** GitHub: it ended. */
  record Completed(Instant at, String conclusion, Optional<String> runnerName)
      implements JobEvent {}

  /** Ours: this is where it will be served. */
  record Placed(Placement placement) implements JobEvent {}

  /** Ours: it may not be placed before something is known. */
  record Held(String reason) implements JobEvent {}

  /** Ours: it cannot be served as the config stands. */
  record Rejected(String reason) implements JobEvent {}

  /** Ours: a runner is reserved for it. */
  record Assigned(String runner, String runnerName) implements JobEvent {}

  /** Ours: the runner reserved for it is gone or serves another; it wants one again. */
  record Returned(String reason) implements JobEvent {}

  /** Ours: its runner was being taken away when it ended; what ended well is left so. */
  record Interrupted(String reason) implements JobEvent {}

  /** GitHub, asked twice: it knows no such job. */
  record Vanished() implements JobEvent {}

  /**
   * GitHub, asked about a job that it did not know: it waits for a runner. A webhook is no such
   * answer, as nothing in it says whether it is from before the loss.
   */
  record Found() implements JobEvent {}
}
