package dev.muster.status.page;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.kernel.access.Principal;
import dev.muster.kernel.access.Role;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

final class PendingAppsTest {
  private static final Principal ANA = new Principal("t-1", "ana", Role.ADMIN);

  private final AtomicReference<Instant> now =
      new AtomicReference<>(Instant.parse("2026-01-02T03:04:05Z"));
  private final PendingApps pending = new PendingApps(now::get);

  @Test
  void isGoodOnce() {
    String state = pending.begin(ANA);
    assertThat(pending.finish(state)).contains(ANA);
    assertThat(pending.finish(state)).isEmpty();
    assertThat(pending.finish("")).isEmpty();
  }

  @Test
  void endsAfterAnHour() {
    String state = pending.begin(ANA);
    now.updateAndGet(t -> t.plus(PendingApps.LIFE));
    assertThat(pending.finish(state)).isEmpty();
  }

  @Test
  void forgetsTheOldestBeyondItsBound() {
    String first = pending.begin(ANA);
    for (int i = 0; i < 16; i++) {
      pending.begin(ANA);
    }
    assertThat(pending.finish(first)).isEmpty();
  }
}
