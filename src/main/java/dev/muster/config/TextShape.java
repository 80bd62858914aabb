package dev.muster.config;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

record TextShape(String words, Pattern pattern) implements Shape<String> {
  private static final Set<String> FLAGS = Set.of("true", "false");

  @Override
  public Optional<String> read(YamlNode node, Reading at) {
    if (!(node instanceof YamlNode.Scalar scalar) || scalar.isNull()) {
      return at.expected(oneOf(words), node);
    }
    if (scalar.plain() && FLAGS.contains(scalar.text())) {
      return at.expected(
          oneOf(words), node, Optional.of("put it in quotes if it is meant as text"));
    }
    if (!pattern.matcher(scalar.text()).matches()) {
      return at.expected(oneOf(words), node, Optional.of("it must match " + pattern));
    }
    return Optional.of(scalar.text());
  }

  @Override
  public void describe(ObjectNode schema) {
    schema.putArray("type").add("string").add("number");
    schema.put("pattern", "^(?:" + pattern + ")$");
  }

  private static String oneOf(String words) {
    return ("aeiouAEIOU".indexOf(words.charAt(0)) < 0 ? "a " : "an ") + words;
  }
}
