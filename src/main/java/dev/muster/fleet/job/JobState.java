package dev.muster.fleet.job;

import java.util.Locale;

/** Where a job stands. */
public enum JobState {
  /** Waits for an approval at GitHub; it needs no runner yet. */
  WAITING,
  /** Wants a runner. */
  QUEUED,
  /** A runner is reserved for it and registering. */
  ASSIGNED,
  /** GitHub gave it to a runner. */
  RUNNING,
  /** GitHub says it ended; see its conclusion. */
  COMPLETED,
  /** It carries our marker and cannot be served; see its reason. */
  REJECTED,
  /** Its runner was taken away by the cloud. Final: its rerun is a new job. */
  INTERRUPTED,
  /** GitHub no longer knows it. It may have hidden it for a while, and show it again. */
  LOST;

  /** Whether nothing more is expected to happen to it. */
  public boolean ended() {
    return switch (this) {
      case WAITING, QUEUED, ASSIGNED, RUNNING -> false;
      case COMPLETED, REJECTED, INTERRUPTED, LOST -> true;
    };
  }

  /** The word of the API and the page. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  public static JobState ofWord(String word) {
    return valueOf(word.toUpperCase(Locale.ROOT));
  }
}
