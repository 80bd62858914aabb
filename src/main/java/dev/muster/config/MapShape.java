package dev.muster.config;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;

record MapShape<T>(Shape<String> name, Shape<T> value) implements Shape<Map<String, Located<T>>> {
  /** The entries that could be read, in the order of the file. */
  @Override
  public Optional<Map<String, Located<T>>> read(YamlNode node, Reading at) {
    return switch (node) {
      case YamlNode.Mapping(Place place, List<YamlNode.Entry> entries) ->
          Optional.of(read(entries, at));
      case YamlNode.Scalar scalar when scalar.isNull() -> Optional.of(Map.of());
      case YamlNode other -> at.expected("a map", other, Optional.of("names with values"));
    };
  }

  private Map<String, Located<T>> read(List<YamlNode.Entry> entries, Reading at) {
    Map<String, Located<T>> values = new LinkedHashMap<>();
    for (YamlNode.Entry entry : entries) {
      Optional<String> key = name.read(entry.key(), at);
      Optional<T> read = value.read(entry.value(), at.key(entry.key().text()));
      if (key.isPresent() && read.isPresent()) {
        values.put(key.get(), new Located<>(read.get(), entry.key().place()));
      }
    }
    return values;
  }

  @Override
  public void describe(ObjectNode schema) {
    schema.putArray("type").add("object").add("null");
    name.describe(schema.putObject("propertyNames"));
    value.describe(schema.putObject("additionalProperties"));
  }

  @Override
  public String words() {
    return "map: " + name.words() + " to " + value.words();
  }

  /** Maps of several files are one map; a name in both is reported. */
  @Override
  public Located<Map<String, Located<T>>> join(
      Located<Map<String, Located<T>>> first, Located<Map<String, Located<T>>> second, Reading at) {
    Map<String, Located<T>> all = new LinkedHashMap<>(first.value());
    second
        .value()
        .forEach((key, located) -> {
          Located<T> known = all.putIfAbsent(key, located);
          if (known != null) {
            at.problems()
                .error(
                    located.place(),
                    at.path() + ": the name \"" + key + "\" is given twice",
                    "first at " + known.place());
          }
        });
    return new Located<>(all, first.place());
  }

  @Override
  public void eachKey(String path, BiConsumer<String, Key<?>> visitor) {
    value.eachKey(path + ".NAME", visitor);
  }
}
