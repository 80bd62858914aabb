package dev.muster.fleet.compute.ec2;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class TokenBucketTest {
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
  private static final Duration MOST = Duration.ofSeconds(2);

  @Test
  void givesItsSizeAtOnceAndThenAtItsRateInTurn() {
    TokenBucket bucket = new TokenBucket(3, 5, NOW);
    for (int i = 0; i < 3; i++) {
      assertThat(bucket.take(NOW, MOST)).isZero();
    }
    assertThat(bucket.take(NOW, MOST)).isEqualTo(Duration.ofMillis(200));
    assertThat(bucket.take(NOW, MOST)).isEqualTo(Duration.ofMillis(400));
    Instant later = NOW.plusMillis(500);
    assertThat(bucket.take(later, MOST)).isEqualTo(Duration.ofMillis(100));
  }

  @Test
  void whoeverCannotWaitTakesNothing() {
    TokenBucket bucket = new TokenBucket(1, 1, NOW);
    bucket.take(NOW, MOST);
    assertThat(bucket.take(NOW, Duration.ZERO)).isEqualTo(Duration.ofSeconds(1));
    assertThat(bucket.take(NOW.plusSeconds(1), MOST)).isZero();
  }

  @Test
  void holdsNoMoreThanItsSizeHoweverLongItRests() {
    TokenBucket bucket = new TokenBucket(2, 100, NOW);
    Instant later = NOW.plus(Duration.ofDays(1));
    assertThat(bucket.take(later, MOST)).isZero();
    assertThat(bucket.take(later, MOST)).isZero();
    assertThat(bucket.take(later, MOST)).isPositive();
  }

  @Test
  void clockThatIsSetBackGivesNothingAway() {
    TokenBucket bucket = new TokenBucket(1, 1, NOW);
    bucket.take(NOW, MOST);
    assertThat(bucket.take(NOW.minusSeconds(60), MOST)).isEqualTo(Duration.ofSeconds(1));
  }
}
