package dev.muster.agent.protocol;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A JSON object being read, field by field. Fields that nobody asks for are ignored; a missing
 * field or one of another type is {@link MalformedMessage}, named without its value, which may be a
 * credential.
 */
final class Fields {
  private final Map<?, ?> object;

  Fields(Map<?, ?> object) {
    this.object = object;
  }

  String string(String field) {
    return required(field, optionalString(field));
  }

  @Nullable String optionalString(String field) {
    return optional(field, String.class, "text");
  }

  Secret secret(String field) {
    return new Secret(string(field));
  }

  boolean bool(String field) {
    return required(field, optional(field, Boolean.class, "true or false"));
  }

  /** A whole number; fractions and numbers beyond 64 bits are refused, never rounded. */
  long number(String field) {
    return required(field, optionalNumber(field));
  }

  @Nullable Integer optionalInt(String field) {
    Long value = optionalNumber(field);
    if (value == null) {
      return null;
    }
    if (value != value.intValue()) {
      throw new MalformedMessage("field '%s' is out of range".formatted(field));
    }
    return value.intValue();
  }

  Duration seconds(String field) {
    return Duration.ofSeconds(number(field));
  }

  Instant instant(String field) {
    try {
      return Instant.parse(string(field));
    } catch (DateTimeException e) {
      throw new MalformedMessage("field '%s' must be an RFC 3339 time".formatted(field), e);
    }
  }

  <E extends Enum<E>> E enumValue(String field, Class<E> type) {
    String name = string(field);
    for (E constant : type.getEnumConstants()) {
      if (constant.name().equals(name)) {
        return constant;
      }
    }
    throw new MalformedMessage(
        "field '%s' must be one of %s".formatted(field, List.of(type.getEnumConstants())));
  }

  Fields object(String field) {
    return new Fields(required(field, optional(field, Map.class, "an object")));
  }

  /** Null when the field is absent. */
  @Nullable Fields optionalObject(String field) {
    Map<?, ?> value = optional(field, Map.class, "an object");
    return value == null ? null : new Fields(value);
  }

  List<String> strings(String field) {
    List<?> list = required(field, optional(field, List.class, "a list"));
    return list.stream().map(part -> text(field, part)).toList();
  }

  /** An absent map is empty. */
  Map<String, String> stringMap(String field) {
    Map<?, ?> map = optional(field, Map.class, "an object");
    Map<String, String> strings = new LinkedHashMap<>();
    if (map != null) {
      map.forEach((key, value) -> strings.put(text(field, key), text(field, value)));
    }
    return strings;
  }

  private @Nullable Long optionalNumber(String field) {
    return switch (object.get(field)) {
      case null -> null;
      case Integer value -> value.longValue();
      case Long value -> value;
      default -> throw wrongType(field, "a whole number");
    };
  }

  private static String text(String field, @Nullable Object value) {
    if (value instanceof String string) {
      return string;
    }
    throw wrongType(field, "made of text");
  }

  private <T> @Nullable T optional(String field, Class<T> type, String shape) {
    Object value = object.get(field);
    if (value != null && !type.isInstance(value)) {
      throw wrongType(field, shape);
    }
    return type.cast(value);
  }

  private static <T> T required(String field, @Nullable T value) {
    if (value == null) {
      throw new MalformedMessage("field '%s' is missing".formatted(field));
    }
    return value;
  }

  private static MalformedMessage wrongType(String field, String shape) {
    return new MalformedMessage("field '%s' must be %s".formatted(field, shape));
  }
}
