package dev.muster.config;

import java.util.Optional;

/**
 * One key of a config: the only place that knows its name, type, default, example and meaning.
 *
 * @param shape what its value may be
 * @param standard the value where none is given; empty when there is none or it depends
 * @param standardWords the default in words, where it depends on something else
 * @param example as it is written in YAML
 * @param about one line, ending in a full stop
 * @param required whether it must be given
 * @param repeatable whether every file may give it, the first one counting
 */
public record Key<T>(
    String name,
    Shape<T> shape,
    Optional<T> standard,
    String standardWords,
    String example,
    String about,
    boolean required,
    boolean repeatable) {

  public static <T> Key<T> of(String name, Shape<T> shape, String example, String about) {
    return new Key<>(name, shape, Optional.empty(), "", example, about, false, false);
  }

  public Key<T> standard(T value) {
    return new Key<>(name, shape, Optional.of(value), "", example, about, required, repeatable);
  }

  public Key<T> standardIs(String words) {
    return new Key<>(name, shape, standard, words, example, about, required, repeatable);
  }

  public Key<T> mustBeGiven() {
    return new Key<>(name, shape, standard, standardWords, example, about, true, repeatable);
  }

  public Key<T> inEveryFile() {
    return new Key<>(name, shape, standard, standardWords, example, about, required, true);
  }
}
