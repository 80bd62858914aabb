package dev.muster.fleet.job;

import java.time.Instant;

/** One line of the story of a job or a runner. */
public record TimelineEntry(Instant at, String event, String detail) {}
