package dev.muster.kernel.tracing.otel;

import io.opentelemetry.sdk.common.Clock;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;

/** The appliance's clock, so that spans and timelines tell the same times. */
record AppliancesClock(InstantSource clock) implements Clock {
  @Override
  public long now() {
    Instant now = clock.instant();
    return TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano();
  }

  @Override
  public long nanoTime() {
    return System.nanoTime();
  }
}
