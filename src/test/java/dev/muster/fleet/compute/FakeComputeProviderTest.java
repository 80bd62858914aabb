package dev.muster.fleet.compute;

import dev.muster.fleet.spec.Provider;
import java.time.Instant;
import java.time.InstantSource;

class FakeComputeProviderTest extends ComputeProviderContract {
  private final FakeComputeProvider cloud =
      new FakeComputeProvider(
          Provider.LOCAL, InstantSource.fixed(Instant.parse("2026-03-01T12:00:00Z")));

  @Override
  protected ComputeProvider provider() {
    return cloud;
  }
}
