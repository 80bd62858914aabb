package dev.muster.fleet.compute;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class BreakerTest {
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

  @Test
  void noCapacityOpensForHalfAnHourAndThenOneLaunchProbes() {
    Breaker open = Breaker.CLOSED.failed(NOW, "none");
    assertThat(open.allows(after(29))).isFalse();
    assertThat(open.allows(after(30))).isTrue();
    assertThat(open.probing(after(30))).isTrue();
    Breaker probed = open.probed(after(30));
    assertThat(probed.allows(after(31))).as("the probe is under way").isFalse();
    assertThat(probed.allows(after(32))).as("its answer was lost").isTrue();
    assertThat(probed.succeeded().allows(after(31))).isTrue();
    assertThat(probed.failed(after(31), "none").allows(after(60))).isFalse();
  }

  @Test
  void threeInterruptionsWithinAQuarterOfAnHourOpen() {
    Breaker two = Breaker.CLOSED.interrupted(NOW).interrupted(after(10));
    assertThat(two.allows(after(10))).isTrue();
    assertThat(two.interrupted(after(14)).allows(after(14))).isFalse();
    assertThat(two.interrupted(after(14)).reason()).contains("3 interruptions");
    assertThat(two.interrupted(after(16)).allows(after(16))).as("the first is past").isTrue();
  }

  @Test
  void interruptionsStillCountAfterALaunchThatWentWell() {
    Breaker twice = Breaker.CLOSED.interrupted(NOW).interrupted(after(1)).succeeded();
    assertThat(twice.interrupted(after(2)).allows(after(3))).isFalse();
  }

  private static Instant after(int minutes) {
    return NOW.plus(Duration.ofMinutes(minutes));
  }
}
