package dev.muster.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import java.util.function.BiConsumer;

record LocatedShape<T>(Shape<T> shape) implements Shape<Located<T>> {
  @Override
  public Optional<Located<T>> read(YamlNode node, Reading at) {
    return shape.read(node, at).map(value -> new Located<>(value, node.place()));
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
  public String write(Located<T> value) {
    return shape.write(value.value());
  }

  @Override
  public JsonNode json(Located<T> value) {
    return shape.json(value.value());
  }

  @Override
  public void eachKey(String path, BiConsumer<String, Key<?>> visitor) {
    shape.eachKey(path, visitor);
  }
}
