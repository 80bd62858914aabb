package dev.muster.kernel.http;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/**
 * Warnings that somebody can cause who has not proven who he is: one a minute, with the number of
 * those that were not said, so that nobody can fill the log. What is not said is lost.
 */
public final class BoundedWarnings {
  private static final Duration INTERVAL = Duration.ofMinutes(1);

  private final Logger log;
  private final InstantSource clock;
  private Instant next = Instant.MIN;
  private long unsaid;

  public BoundedWarnings(Logger log, InstantSource clock) {
    this.log = log;
    this.clock = clock;
  }

  /** Says {@code message}, or counts it. */
  public synchronized void warn(String message) {
    Instant now = clock.instant();
    if (now.isBefore(next)) {
      unsaid++;
      return;
    }
    next = now.plus(INTERVAL);
    String more = unsaid == 0 ? "" : " (%d more since the last that was said)".formatted(unsaid);
    unsaid = 0;
    log.log(Level.WARNING, message + more);
  }
}
