package dev.muster.fleet.region;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;

/** Bodies of items. A newer program may say more than this one knows. */
final class Bodies {
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .addModule(new Jdk8Module())
          .addModule(new JavaTimeModule())
          .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
          .disable(SerializationFeature.WRITE_DURATIONS_AS_TIMESTAMPS)
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .build();

  private Bodies() {}

  static String write(Object body) {
    try {
      return JSON.writeValueAsString(body);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("A body can always be written", e);
    }
  }

  /**
   * Reads what another appliance wrote.
   *
   * @throws IllegalArgumentException when it is something else
   */
  static <T> T read(String body, Class<T> type) {
    try {
      T read = JSON.readValue(body, type);
      if (read == null) {
        throw new IllegalArgumentException("it is null");
      }
      return read;
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("it does not parse: " + e.getOriginalMessage(), e);
    }
  }
}
