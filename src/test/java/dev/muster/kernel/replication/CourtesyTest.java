package dev.muster.kernel.replication;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class CourtesyTest {
  private final AtomicReference<Instant> now =
      new AtomicReference<>(Instant.parse("2026-03-01T12:00:00Z"));
  private final AtomicBoolean burst = new AtomicBoolean();
  private final Courtesy courtesy = new Courtesy(burst::get, now::get);

  @Test
  void withoutABurstNothingWaits() {
    assertThat(courtesy.waits()).isFalse();
  }

  @Test
  void burstGoesFirst() {
    burst.set(true);
    assertThat(courtesy.waits()).isTrue();
    later(4_900);
    assertThat(courtesy.waits()).isTrue();
    burst.set(false);
    assertThat(courtesy.waits()).isFalse();
  }

  @Test
  void burstThatLastsIsNotWaitedForUntilItIsOver() {
    burst.set(true);
    assertThat(courtesy.waits()).isTrue();
    later(5_000);
    assertThat(courtesy.waits()).isFalse();
    later(60_000);
    assertThat(courtesy.waits()).as("it goes on").isFalse();
    burst.set(false);
    assertThat(courtesy.waits()).isFalse();
    burst.set(true);
    assertThat(courtesy.waits()).as("another burst").isTrue();
  }

  private void later(int millis) {
    now.updateAndGet(at -> at.plusMillis(millis));
  }
}
