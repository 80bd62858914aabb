package dev.muster.fleet.github;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The last answers that carried an ETag; asking again with it costs nothing when nothing changed.
 */
final class EtagCache {
  private static final int ENTRIES = 500;

  /** Larger answers are worth less than the memory they hold. */
  private static final int LARGEST = 128 * 1024;

  record Cached(String etag, JsonNode body, Optional<String> next) {}

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

  synchronized void keep(String key, Cached cached, int bytes) {
    if (bytes <= LARGEST) {
      entries.put(key, cached);
    } else {
      entries.remove(key);
    }
  }
}
