package dev.muster.agent.common;

import java.time.Duration;

/**
 * The agent's patience.
 *
 * @param giveUpAfter how long the appliance may be away before an agent without a job ends
 * @param finalReportFor how long the last report is tried when the job is over
 * @param termGrace from TERM to KILL
 * @param firstRetry the first pause after a failed call; doubles
 * @param longestRetry the longest pause between calls
 */
public record Limits(
    Duration giveUpAfter,
    Duration finalReportFor,
    Duration termGrace,
    Duration firstRetry,
    Duration longestRetry) {

  public static final Limits DEFAULT =
      new Limits(
          Duration.ofMinutes(15),
          Duration.ofMinutes(10),
          Duration.ofSeconds(10),
          Duration.ofMillis(250),
          Duration.ofSeconds(15));
}
