package dev.muster.fleet.runner;

/** The deadlines of a runner, from its spec as the config in force has it. */
public interface DeadlinePolicy {
  Deadlines of(Runner runner);
}
