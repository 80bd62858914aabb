package dev.muster.fleet.github;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The last answers that carried an ETag; asking again with it costs nothing when nothing changed.
 */
final class EtagCache {
  private static final int ENTRIES = 200;

  /** Larger answers are worth less than the memory they hold. */
  private static final int LARGEST = 64 * 1024;

  /** An answer as it came: bytes take a fraction of what a tree of them does. */
  record Cached(String etag, byte[] body, Optional<String> next) {}

  private final Map<String, Cached> entries =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Cached> eldest) {
          return size() > ENTRIES;
        }
      };

  /**
   * @param key names the credential's owner and the address
   */
  synchronized Optional<Cached> find(String key) {
    return Optional.ofNullable(entries.get(key));
  }

  synchronized void keep(String key, Cached cached) {
    if (cached.body().length <= LARGEST) {
      entries.put(key, cached);
    } else {
      entries.remove(key);
    }
  }
}
