package dev.muster.fleet.job;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which pools had a ready or stopped runner to spare when they were last looked at. A job of such a
 * pool need not wait for others to be launched with it. Only a hint: a wrong one costs a moment.
 */
public final class WarmPools {
  private final Set<String> names = ConcurrentHashMap.newKeySet();

  /** A pool was looked at. */
  public void saw(String pool, boolean warm) {
    if (warm) {
      names.add(pool);
    } else {
      names.remove(pool);
    }
  }

  boolean has(String pool) {
    return names.contains(pool);
  }
}
