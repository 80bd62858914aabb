package dev.muster.fleet.job;

/**
 * Where a job is served.
 *
 * @param pool the pool's name, or an ad hoc one's for jobs whose spec no pool keeps
 */
public record Placement(String pool, String environment, String region) {}
