package dev.muster.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;

/**
 * @param loneItem whether the only item may stand without a list
 */
record ListShape<T>(Shape<T> item, int min, int max, boolean loneItem) implements Shape<List<T>> {
  /** The items that could be read. */
  @Override
  public Optional<List<T>> read(YamlNode node, Reading at) {
    return switch (node) {
      case YamlNode.Sequence sequence -> items(sequence, at);
      case YamlNode.Scalar scalar when scalar.isNull() && min == 0 -> Optional.of(List.of());
      case YamlNode other when loneItem -> item.read(other, at).map(List::of);
      case YamlNode other ->
          at.expected("a list", other, Optional.of("items in [ ], or one a line after \"- \""));
    };
  }

  private Optional<List<T>> items(YamlNode.Sequence sequence, Reading at) {
    int size = sequence.items().size();
    if (size < min) {
      return at.refuse(sequence, "expected at least " + min + " of them, found " + size);
    }
    if (size > max) {
      return at.refuse(sequence, "expected at most " + max + " of them, found " + size);
    }
    List<T> items = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      item.read(sequence.items().get(i), at.item(i)).ifPresent(items::add);
    }
    return Optional.of(items);
  }

  @Override
  public void describe(ObjectNode schema) {
    if (loneItem) {
      ArrayNode either = schema.putArray("anyOf");
      item.describe(either.addObject());
      describeList(either.addObject());
    } else {
      describeList(schema);
    }
  }

  private void describeList(ObjectNode schema) {
    if (min == 0) {
      schema.putArray("type").add("array").add("null");
    } else {
      schema.put("type", "array").put("minItems", min);
    }
    if (max != Integer.MAX_VALUE) {
      schema.put("maxItems", max);
    }
    item.describe(schema.putObject("items"));
  }

  @Override
  public String words() {
    return loneItem ? item.words() + ", or a list of at most " + max : "list: " + item.words();
  }

  @Override
  public String write(List<T> value) {
    return value.stream()
        .map(each -> item.json(each).toString())
        .collect(Collectors.joining(", ", "[", "]"));
  }

  @Override
  public JsonNode json(List<T> value) {
    ArrayNode array = JsonNodeFactory.instance.arrayNode();
    value.forEach(each -> array.add(item.json(each)));
    return array;
  }

  /** Lists of several files are one list. */
  @Override
  public Located<List<T>> join(Located<List<T>> first, Located<List<T>> second, Reading at) {
    List<T> all = new ArrayList<>(first.value());
    all.addAll(second.value());
    return new Located<>(all, first.place());
  }

  @Override
  public void eachKey(String path, BiConsumer<String, Key<?>> visitor) {
    item.eachKey(path + "[]", visitor);
  }
}
