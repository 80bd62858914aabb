package dev.muster.fleet.job;

/** GitHub's number of a job; a rerun is a new job with a new number. */
public record JobId(long value) {
  public JobId {
    if (value <= 0) {
      throw new IllegalArgumentException("A job's id is positive, not " + value);
    }
  }

  @Override
  public String toString() {
    return Long.toString(value);
  }
}
