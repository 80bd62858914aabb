package dev.muster.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import java.util.function.LongFunction;
import java.util.regex.Pattern;

/**
 * A whole number.
 *
 * @param beyond what to write instead of a number outside of the bounds
 */
record WholeShape<T extends Number>(long min, long max, LongFunction<T> as, Optional<String> beyond)
    implements Shape<T> {
  /** Short enough for a long. */
  private static final Pattern WHOLE = Pattern.compile("[-+]?\\d{1,18}");

  @Override
  public Optional<T> read(YamlNode node, Reading at) {
    if (!(node instanceof YamlNode.Scalar scalar) || !WHOLE.matcher(scalar.text()).matches()) {
      return at.expected(what(), node);
    }
    if (!scalar.plain()) {
      return at.expected(what(), node, Optional.of("remove the quotes"));
    }
    long value = Long.parseLong(scalar.text());
    return value < min || value > max
        ? at.expected(what(), node, beyond)
        : Optional.of(as.apply(value));
  }

  private String what() {
    return max == Long.MAX_VALUE
        ? "a whole number of at least " + min
        : "a whole number from " + min + " to " + max;
  }

  @Override
  public void describe(ObjectNode schema) {
    schema.put("type", "integer").put("minimum", min);
    if (max != Long.MAX_VALUE) {
      schema.put("maximum", max);
    }
  }

  @Override
  public String words() {
    return max == Long.MAX_VALUE
        ? "whole number, at least " + min
        : "whole number, " + min + " to " + max;
  }

  @Override
  public JsonNode json(T value) {
    return JsonNodeFactory.instance.numberNode(value.longValue());
  }
}
