package dev.muster.status.page;

import dev.muster.kernel.access.Principal;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Apps that somebody began to create: GitHub brings the state back, which says that the code beside
 * it belongs to what was begun here. Each is good once and for as long as GitHub's code is.
 */
final class PendingApps {
  static final Duration LIFE = Duration.ofHours(1);
  private static final int MOST = 16;

  private record Pending(Principal who, Instant until) {}

  private final InstantSource clock;
  private final SecureRandom random = new SecureRandom();
  private final Map<String, Pending> pending =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Pending> eldest) {
          return size() > MOST;
        }
      };

  PendingApps(InstantSource clock) {
    this.clock = clock;
  }

  /** Begins one; returns the state. */
  synchronized String begin(Principal who) {
    byte[] bytes = new byte[32];
    random.nextBytes(bytes);
    String state = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    pending.put(state, new Pending(who, clock.instant().plus(LIFE)));
    return state;
  }

  /** Who began it; empty where nobody did, it is too old, or it came back before. */
  synchronized Optional<Principal> finish(String state) {
    return Optional.ofNullable(pending.remove(state))
        .filter(p -> clock.instant().isBefore(p.until()))
        .map(Pending::who);
  }
}
