package dev.muster.status.api;

import org.jspecify.annotations.Nullable;

/**
 * A pool: what it should have, and what it has.
 *
 * @param schedule the window that holds now, null for the pool's own numbers
 * @param desiredRunning ready runners that it should keep
 * @param desiredStopped stopped runners that it should keep
 * @param running runners that are up: idle and busy ones
 * @param idle ready and without a job
 * @param busy with a job, or reserved for one
 * @param stopped to be started again
 * @param pending on their way to ready
 * @param max the most runners at a time, null where nothing bounds it
 * @param waitingJobs queued or assigned
 * @param paused who stopped its launches, null where nobody did
 * @param configured whether the config in force names it
 * @param reason why it is as it is, null before its first reconcile
 */
public record PoolSummary(
    String name,
    @Nullable String environment,
    @Nullable String region,
    @Nullable String schedule,
    int desiredRunning,
    int desiredStopped,
    int running,
    int idle,
    int busy,
    int stopped,
    int pending,
    @Nullable Integer max,
    long waitingJobs,
    @Nullable String paused,
    boolean configured,
    @Nullable String reason) {}
