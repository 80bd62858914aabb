package dev.muster.config;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A map of known keys, read. A key whose value was wrong is there without a value. */
public final class Fields {
  private final Place place;
  private final Map<String, Field> fields;

  private Fields(Place place, Map<String, Field> fields) {
    this.place = place;
    this.fields = fields;
  }

  static Builder builder(Place place) {
    return new Builder(place);
  }

  /** Where the map begins. */
  public Place place() {
    return place;
  }

  /** Whether the key is written, right or wrong. */
  public boolean has(Key<?> key) {
    return fields.containsKey(key.name());
  }

  /** The key's value, else the whole map: where a check across keys points to. */
  public Place place(Key<?> key) {
    Field field = fields.get(key.name());
    return field == null ? place : field.valuePlace;
  }

  /** Where the key itself is written, else the whole map. */
  public Place keyPlace(Key<?> key) {
    Field field = fields.get(key.name());
    return field == null ? place : field.keyPlace;
  }

  /** The value that is written; empty where none is, or a wrong one. */
  public <T> Optional<T> given(Key<T> key) {
    Field field = fields.get(key.name());
    return field == null ? Optional.empty() : value(field);
  }

  /** The value that is written, else the key's default. */
  public <T> Optional<T> find(Key<T> key) {
    return given(key).or(key::standard);
  }

  /**
   * The value of a key that is required or has a default; to be asked only of a config without
   * errors.
   */
  public <T> T value(Key<T> key) {
    return find(key)
        .orElseThrow(() ->
            new IllegalStateException("The key " + key.name() + " at " + place + " is unset"));
  }

  /** These of both; a key in both is joined as its shape does it. */
  Fields join(Fields other, List<Key<?>> keys, Problems problems) {
    Map<String, Field> all = new LinkedHashMap<>(other.fields);
    all.putAll(fields);
    for (Key<?> key : keys) {
      Field mine = fields.get(key.name());
      Field theirs = other.fields.get(key.name());
      if (mine != null && theirs != null && !key.repeatable()) {
        all.put(key.name(), join(key, mine, theirs, problems));
      }
    }
    return new Fields(place, all);
  }

  private static <T> Field join(Key<T> key, Field a, Field b, Problems problems) {
    Optional<T> first = value(a);
    Optional<T> second = value(b);
    if (first.isEmpty() || second.isEmpty()) {
      return first.isEmpty() ? b : a;
    }
    Located<T> joined =
        key.shape()
            .join(
                new Located<>(first.get(), a.valuePlace),
                new Located<>(second.get(), b.valuePlace),
                Reading.root(problems).key(key.name()));
    return new Field(a.keyPlace, a.valuePlace, Optional.of(joined.value()));
  }

  /** Only {@link Builder#put} makes fields, so that a key's value is of the key's type. */
  @SuppressWarnings("unchecked")
  private static <T> Optional<T> value(Field field) {
    return (Optional<T>) field.value;
  }

  private record Field(Place keyPlace, Place valuePlace, Optional<?> value) {}

  static final class Builder {
    private final Place place;
    private final Map<String, Field> fields = new LinkedHashMap<>();

    private Builder(Place place) {
      this.place = place;
    }

    <T> void put(Key<T> key, YamlNode.Entry entry, Reading at) {
      Optional<T> value = key.shape().read(entry.value(), at.key(key.name()));
      fields.put(key.name(), new Field(entry.key().place(), entry.value().place(), value));
    }

    boolean has(Key<?> key) {
      return fields.containsKey(key.name());
    }

    Fields build() {
      return new Fields(place, fields);
    }
  }
}
