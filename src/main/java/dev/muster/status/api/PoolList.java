package dev.muster.status.api;

import java.util.List;

/** Every pool, in the order of the config, then those that only jobs or runners still name. */
public record PoolList(List<PoolSummary> pools) {
  public PoolList {
    pools = List.copyOf(pools);
  }
}
