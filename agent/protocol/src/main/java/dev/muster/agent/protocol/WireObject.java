package dev.muster.agent.protocol;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A JSON object being written; absent values are left out. */
final class WireObject {
  private final Map<String, Object> fields = new LinkedHashMap<>();

  WireObject put(String field, @Nullable Object value) {
    if (value != null) {
      fields.put(field, value);
    }
    return this;
  }

  Map<String, Object> toMap() {
    return fields;
  }
}
