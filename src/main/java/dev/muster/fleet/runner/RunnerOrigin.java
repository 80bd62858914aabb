package dev.muster.fleet.runner;

import java.time.Instant;

/**
 * Where a runner comes from; none of it ever changes.
 *
 * @param spec the name of its spec
 * @param specHash what the spec said when it was launched; a pool replaces runners of another hash
 */
public record RunnerOrigin(
    LaunchId launch,
    String pool,
    String provider,
    String environment,
    String region,
    String spec,
    String specHash,
    Instant createdAt) {}
