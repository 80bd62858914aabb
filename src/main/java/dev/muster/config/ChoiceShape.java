package dev.muster.config;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * @param choices by word, in the order of the docs, aliases last
 * @param named how many of the words are not aliases
 */
record ChoiceShape<T>(Map<String, T> choices, int named, Function<T, String> word)
    implements Shape<T> {
  private static final Set<String> FLAGS = Set.of("true", "false");
  private static final Pattern NUMBER = Pattern.compile("\\d{1,9}(\\.\\d{1,9})?");

  @Override
  public Optional<T> read(YamlNode node, Reading at) {
    T value = node instanceof YamlNode.Scalar scalar ? choices.get(scalar.text()) : null;
    if (value != null) {
      return Optional.of(value);
    }
    Optional<String> near =
        node instanceof YamlNode.Scalar scalar
            ? Similar.nearest(scalar.text(), choices.keySet())
            : Optional.empty();
    return at.expected(listed(", ", ""), node, near.map(n -> "did you mean \"" + n + "\"?"));
  }

  private String listed(String separator, String quote) {
    return choices.keySet().stream()
        .limit(named)
        .map(w -> quote + w + quote)
        .collect(Collectors.joining(separator));
  }

  /** Words that YAML takes for something else when they stand without quotes are given as both. */
  @Override
  public void describe(ObjectNode schema) {
    ArrayNode values = schema.putArray("enum");
    choices.keySet().stream().filter(text -> !FLAGS.contains(text)).forEach(values::add);
    choices.keySet().stream()
        .filter(FLAGS::contains)
        .forEach(text -> values.add(Boolean.parseBoolean(text)));
    choices.keySet().stream()
        .filter(text -> NUMBER.matcher(text).matches())
        .map(text -> new BigDecimal(text).stripTrailingZeros())
        .distinct()
        .forEach(values::add);
  }

  @Override
  public String words() {
    return listed(", ", "`");
  }

  @Override
  public String write(T value) {
    return word.apply(value);
  }
}
