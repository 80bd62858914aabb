package dev.muster.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import java.util.function.BiConsumer;

/**
 * What a value may be: reads it, describes it to editors, and says it to people, all from one
 * place. {@link Shapes} has the common ones; a capability adds its own.
 *
 * @param <T> what it is read into
 */
public interface Shape<T> {
  /** The value; empty after a problem was reported. Never throws. */
  Optional<T> read(YamlNode node, Reading at);

  /** Adds what JSON Schema (2020-12) can say of it. */
  void describe(ObjectNode schema);

  /** In a few words, for the table of keys: {@code whole number, 0 to 23}. */
  String words();

  /** As it would be written in a config. */
  default String write(T value) {
    return String.valueOf(value);
  }

  /** As JSON has it, for the schema's default. */
  default JsonNode json(T value) {
    return JsonNodeFactory.instance.textNode(write(value));
  }

  /**
   * Two values of one key in two files as one. Most cannot be joined: then the second is reported
   * and the first kept.
   */
  default Located<T> join(Located<T> first, Located<T> second, Reading at) {
    at.problems()
        .error(second.place(), at.path() + ": given in two files", "first at " + first.place());
    return first;
  }

  /** Shows every key below this value with its path, for the table of keys. */
  default void eachKey(String path, BiConsumer<String, Key<?>> visitor) {}
}
