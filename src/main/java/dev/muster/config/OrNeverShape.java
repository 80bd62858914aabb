package dev.muster.config;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;

/** What another shape takes, or the word {@code never}, which is an empty value. */
record OrNeverShape<T>(Shape<T> shape) implements Shape<Optional<T>> {
  private static final String NEVER = "never";

  @Override
  public Optional<Optional<T>> read(YamlNode node, Reading at) {
    if (node instanceof YamlNode.Scalar scalar && scalar.text().equals(NEVER)) {
      return Optional.of(Optional.empty());
    }
    Optional<T> value = shape.read(node, at);
    return value.isEmpty() ? Optional.empty() : Optional.of(value);
  }

  @Override
  public void describe(ObjectNode schema) {
    var either = schema.putArray("anyOf");
    shape.describe(either.addObject());
    either.addObject().put("const", NEVER);
  }

  @Override
  public String words() {
    return shape.words() + ", or `never`";
  }

  @Override
  public String write(Optional<T> value) {
    return value.map(shape::write).orElse(NEVER);
  }
}
