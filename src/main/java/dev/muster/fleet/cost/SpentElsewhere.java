package dev.muster.fleet.cost;

import dev.muster.kernel.store.Read;
import java.time.YearMonth;
import java.util.Map;

/** What the appliances of other regions spend: an environment has one budget for all. */
@FunctionalInterface
public interface SpentElsewhere {
  /** In a month, UTC, so far as they told: millionths of a dollar by environment. */
  Map<String, Long> in(Read read, YearMonth month);
}
