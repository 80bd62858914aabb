package dev.muster.config;

import java.util.List;

/** A YAML document whose every value knows its place; aliases are resolved. */
public sealed interface YamlNode {
  Place place();

  /** What it is, for messages; never its content, which may be a secret. */
  String kind();

  /**
   * A single value.
   *
   * @param plain whether it was written without quotes
   */
  record Scalar(Place place, String text, boolean plain) implements YamlNode {
    /** Whether it says nothing: {@code key:}, {@code key: ~} or {@code key: null}. */
    public boolean isNull() {
      return plain && (text.isEmpty() || text.equals("~") || text.equalsIgnoreCase("null"));
    }

    @Override
    public String kind() {
      return isNull() ? "nothing" : "a single value";
    }
  }

  /** A list. */
  record Sequence(Place place, List<YamlNode> items) implements YamlNode {
    public Sequence {
      items = List.copyOf(items);
    }

    @Override
    public String kind() {
      return "a list";
    }
  }

  /** A map; its keys are unique. */
  record Mapping(Place place, List<Entry> entries) implements YamlNode {
    public Mapping {
      entries = List.copyOf(entries);
    }

    @Override
    public String kind() {
      return "a map";
    }
  }

  /** A key of a map with its value. */
  record Entry(Scalar key, YamlNode value) {}
}
