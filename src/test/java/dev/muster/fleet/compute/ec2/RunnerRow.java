package dev.muster.fleet.compute.ec2;

import dev.muster.kernel.store.StoreFixture;
import java.time.Instant;

/** A runner that lives, written by hand: this package knows no runners. */
final class RunnerRow {
  private RunnerRow() {}

  static void of(StoreFixture store, String launch, String region, Instant now) {
    store.run(tx ->
        tx.update(
            """
            insert into runner (id, launch, pool, provider, environment, region, spec, spec_hash,
              state, since, report_sequence, created_at, version)
            values ('muster-1', ?, 'default', 'ec2', 'dev', ?, 'linux', 'h', 'BOOTING', ?, 0, ?, 0)
            """,
            launch,
            region,
            now,
            now));
  }
}
