package dev.muster.fleet.schedule;

import java.util.Optional;

/**
 * The numbers that a pool should keep.
 *
 * @param running ready runners that wait for a job; busy ones do not count
 * @param stopped stopped runners
 * @param window the schedule they come from, empty for the pool's own numbers
 */
public record Desired(int running, int stopped, Optional<String> window) {}
