package dev.muster.status.api;

/** What there is to read; the API and the page share it. */
public record Readers(
    StatusReader status,
    JobReader jobs,
    RunnerReader runners,
    PoolReader pools,
    LogReader logs,
    CostReader costs,
    RegionReader regions,
    EnvironmentReader environments) {}
