package dev.muster.fleet.compute.ec2;

import java.time.Duration;
import java.time.Instant;

/**
 * So many calls at once, and so many a second after that. Whoever comes later is told how long to
 * wait, and has its token then: waiting is in the order of coming.
 */
final class TokenBucket {
  private final double size;
  private final double perSecond;
  private double tokens;
  private Instant at;

  TokenBucket(int size, int perSecond, Instant now) {
    this.size = size;
    this.perSecond = perSecond;
    this.tokens = size;
    this.at = now;
  }

  /**
   * Takes a token.
   *
   * @param most how long the caller can wait
   * @return how long it has to wait; longer than {@code most} when it was not given one
   */
  synchronized Duration take(Instant now, Duration most) {
    if (now.isAfter(at)) {
      tokens = Math.min(size, tokens + Duration.between(at, now).toNanos() / 1e9 * perSecond);
      at = now;
    }
    double missing = 1 - tokens;
    Duration wait =
        missing <= 0
            ? Duration.ZERO
            : Duration.ofNanos((long) Math.ceil(missing / perSecond * 1e9));
    if (wait.compareTo(most) <= 0) {
      tokens -= 1;
    }
    return wait;
  }
}
