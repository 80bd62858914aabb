package dev.muster.fleet.pool;

/** Decides what a pool does next: {@link PoolPlanner#plan}, or that and whoever watches it. */
@FunctionalInterface
public interface Planner {
  PoolPlan plan(PoolView view);
}
