package dev.muster.config.aws;

import dev.muster.config.Secrets.Found;
import dev.muster.kernel.reconcile.StalledException;
import dev.muster.kernel.reconcile.TransientException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The last answer about one secret. While it is fresh nobody asks again; once it is not, one caller
 * asks and the others wait for it: a secret that was replaced must not be served in its old form to
 * those who came second. Where asking fails, the last good value stays.
 */
final class CachedSecret {
  private static final Logger log = System.getLogger(CachedSecret.class.getName());

  /** So long a value is used before it is looked for again. */
  static final Duration FRESH = Duration.ofMinutes(5);

  /** So long nothing, or a failure, is remembered. */
  static final Duration PAUSE = Duration.ofSeconds(30);

  /** What was learnt, and until when it holds. */
  private sealed interface Answer {
    Instant until();
  }

  private record Known(Optional<Found> secret, Instant until) implements Answer {}

  /** Asking fails; {@code secret} is what was known before. */
  private record Old(Found secret, Instant until) implements Answer {}

  private record Failed(RuntimeException failure, Instant until) implements Answer {}

  private final String name;
  private final Supplier<Optional<Found>> source;
  private final InstantSource clock;
  private volatile Answer last = new Known(Optional.empty(), Instant.MIN);

  /**
   * @param name for the log
   * @param source asked for the secret as it is now
   */
  CachedSecret(String name, Supplier<Optional<Found>> source, InstantSource clock) {
    this.name = name;
    this.source = source;
    this.clock = clock;
  }

  /**
   * The secret; empty where there was none in the last 30 s.
   *
   * @throws StalledException or {@link TransientException} when it cannot be had and never could
   */
  Optional<Found> get() {
    Answer answer = last;
    return said(fresh(answer) ? answer : renewed());
  }

  private boolean fresh(Answer answer) {
    return clock.instant().isBefore(answer.until());
  }

  private synchronized Answer renewed() {
    if (!fresh(last)) {
      last = next(last);
    }
    return last;
  }

  private Answer next(Answer before) {
    try {
      Optional<Found> secret = source.get();
      if (!(before instanceof Known)) {
        log.log(Level.INFO, "The secret {0} can be read again", name);
      }
      return new Known(secret, clock.instant().plus(secret.isPresent() ? FRESH : PAUSE));
    } catch (StalledException | TransientException e) {
      return afterFailure(before, e);
    }
  }

  private Answer afterFailure(Answer before, RuntimeException e) {
    Instant until = clock.instant().plus(PAUSE);
    return switch (before) {
      case Known(Optional<Found> secret, Instant _) when secret.isPresent() -> {
        log.log(
            Level.WARNING, "{0}; the last value of the secret {1} is used", e.getMessage(), name);
        yield new Old(secret.get(), until);
      }
      case Old(Found secret, Instant _) -> new Old(secret, until);
      case Known _, Failed _ -> new Failed(e, until);
    };
  }

  private static Optional<Found> said(Answer answer) {
    return switch (answer) {
      case Known(Optional<Found> secret, Instant _) -> secret;
      case Old(Found secret, Instant _) -> Optional.of(secret);
      case Failed(RuntimeException failure, Instant _) -> throw failure;
    };
  }
}
