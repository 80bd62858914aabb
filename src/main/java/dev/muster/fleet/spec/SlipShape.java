package dev.muster.fleet.spec;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.muster.config.Reading;
import dev.muster.config.Shape;
import dev.muster.config.YamlNode;
import java.util.Optional;

/**
 * A shape with a mistake that many make, and what to write instead.
 *
 * @param slip the mistaken value as it is written
 */
record SlipShape<T>(Shape<T> shape, String slip, String message, String hint) implements Shape<T> {
  @Override
  public Optional<T> read(YamlNode node, Reading at) {
    return node instanceof YamlNode.Scalar scalar && scalar.text().equals(slip)
        ? at.refuse(node, message, hint)
        : shape.read(node, at);
  }

  @Override
  public void describe(ObjectNode schema) {
    shape.describe(schema);
  }

  @Override
  public String words() {
    return shape.words();
  }

  @Override
  public String write(T value) {
    return shape.write(value);
  }

  @Override
  public JsonNode json(T value) {
    return shape.json(value);
  }
}
