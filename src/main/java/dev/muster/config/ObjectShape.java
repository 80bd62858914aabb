package dev.muster.config;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;

final class ObjectShape implements Shape<Fields> {
  private final String called;
  private final Map<String, Key<?>> keys = new LinkedHashMap<>();

  ObjectShape(String called, List<Key<?>> keys) {
    this.called = called;
    keys.forEach(key -> this.keys.put(key.name(), key));
  }

  /** Has a value whenever the node is a map; the keys that were wrong are absent from it. */
  @Override
  public Optional<Fields> read(YamlNode node, Reading at) {
    return switch (node) {
      case YamlNode.Mapping mapping -> Optional.of(fields(mapping, at));
      case YamlNode.Scalar scalar when scalar.isNull() ->
          Optional.of(fields(new YamlNode.Mapping(scalar.place(), List.of()), at));
      case YamlNode other -> at.expected(called, other, Optional.of("keys with values"));
    };
  }

  private Fields fields(YamlNode.Mapping mapping, Reading at) {
    Fields.Builder fields = Fields.builder(mapping.place());
    for (YamlNode.Entry entry : mapping.entries()) {
      String name = entry.key().text();
      Key<?> key = keys.get(name);
      if (key != null) {
        fields.put(key, entry, at);
      } else if (name.equals("<<")) {
        at.refuse(entry.key(), "merge keys are not YAML 1.2", "write the keys out");
      } else {
        at.refuse(
            entry.key(),
            "unknown key \"" + name + "\" of " + called,
            Similar.hint(name, keys.keySet()));
      }
    }
    for (Key<?> key : keys.values()) {
      if (key.required() && !fields.has(key)) {
        at.refuse(mapping, key.name() + " is missing", "as " + key.name() + ": " + key.example());
      }
    }
    return fields.build();
  }

  @Override
  public void describe(ObjectNode schema) {
    schema.putArray("type").add("object").add("null");
    describeMap(schema);
  }

  /** Without the choice to be null, which a file as a whole does not have. */
  void describeMap(ObjectNode schema) {
    ObjectNode properties = schema.putObject("properties");
    keys.values().forEach(key -> describe(key, properties.putObject(key.name())));
    List<Key<?>> required =
        keys.values().stream().<Key<?>>map(k -> k).filter(Key::required).toList();
    if (!required.isEmpty()) {
      ArrayNode names = schema.putArray("required");
      required.forEach(key -> names.add(key.name()));
    }
    schema.put("additionalProperties", false);
  }

  private static <T> void describe(Key<T> key, ObjectNode schema) {
    schema.put("description", key.about());
    key.shape().describe(schema);
    key.standard().ifPresent(value -> schema.set("default", key.shape().json(value)));
  }

  @Override
  public String words() {
    return "map";
  }

  @Override
  public void eachKey(String path, BiConsumer<String, Key<?>> visitor) {
    for (Key<?> key : keys.values()) {
      String below = path.isEmpty() ? key.name() : path + "." + key.name();
      visitor.accept(below, key);
      key.shape().eachKey(below, visitor);
    }
  }
}
