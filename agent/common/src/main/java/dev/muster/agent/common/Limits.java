package dev.muster.agent.common;

import java.time.Duration;

/**
 * The agent's patience.
 *
 * @param giveUpAfter how long the appliance may be away before an agent without a job ends
 * @param finalReportFor how long the last report is tried when the job is over
 * @param grace from the wish that a job ends to its forced end
 * @param firstRetry the first pause after a failed call; doubles
 * @param longestRetry the longest pause between calls
 * @param lookEvery how often the machine is looked at; EC2 advises 5 s for interruption notices
 */
public record Limits(
    Duration giveUpAfter,
    Duration finalReportFor,
    Grace grace,
    Duration firstRetry,
    Duration longestRetry,
    Duration lookEvery) {

  public static final Limits DEFAULT =
      new Limits(
          Duration.ofMinutes(15),
          Duration.ofMinutes(10),
          new Grace(Duration.ofSeconds(12), Duration.ofSeconds(5)),
          Duration.ofMillis(250),
          Duration.ofSeconds(15),
          Duration.ofSeconds(5));
}
