package dev.muster.fleet.spec;

import dev.muster.config.YamlNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A map of a runs-on.yml that remembers which of its keys were translated, so that none is dropped
 * silently.
 */
final class RunsOnSource {
  private final String path;
  private final int line;
  private final Notes notes;
  private final Map<String, YamlNode.Entry> left = new LinkedHashMap<>();

  /** What could not be translated, in the order of lines. */
  static final class Notes {
    private final List<Note> notes = new ArrayList<>();

    void add(int line, String text) {
      notes.add(new Note(line, text));
    }

    List<String> inOrder() {
      return notes.stream()
          .sorted(java.util.Comparator.comparingInt(Note::line))
          .map(note -> "line " + note.line + ": " + note.text)
          .toList();
    }

    private record Note(int line, String text) {}
  }

  /** What is not a map counts as an empty one, and is noted. */
  RunsOnSource(String path, YamlNode node, Notes notes) {
    this.path = path;
    this.line = node.place().line();
    this.notes = notes;
    if (node instanceof YamlNode.Mapping mapping) {
      mapping.entries().forEach(entry -> left.put(entry.key().text(), entry));
    } else {
      note("is " + node.kind() + ", not a map");
    }
  }

  String path() {
    return path;
  }

  /** Its value, which counts as translated from now on. */
  Optional<YamlNode> take(String key) {
    return Optional.ofNullable(left.remove(key)).map(YamlNode.Entry::value);
  }

  /** A single value that is not empty. */
  Optional<String> text(String key) {
    return take(key).stream().flatMap(node -> scalars(key, node)).findFirst();
  }

  /** Single values, from a list or joined by {@code +} as in labels. */
  List<String> texts(String key) {
    return take(key).stream()
        .flatMap(node ->
            node instanceof YamlNode.Sequence sequence
                ? sequence.items().stream()
                : Stream.of(node))
        .flatMap(node -> scalars(key, node))
        .flatMap(text -> Stream.of(text.split("\\+")))
        .map(String::strip)
        .filter(text -> !text.isEmpty())
        .toList();
  }

  private Stream<String> scalars(String key, YamlNode node) {
    if (node instanceof YamlNode.Scalar scalar) {
      return scalar.isNull() || scalar.text().isBlank()
          ? Stream.empty()
          : Stream.of(scalar.text().strip());
    }
    notes.add(node.place().line(), below(key) + " is " + node.kind() + ", not a single value");
    return Stream.empty();
  }

  /** The maps under a key, by name. */
  Map<String, RunsOnSource> children(String key) {
    Map<String, RunsOnSource> children = new LinkedHashMap<>();
    Optional<YamlNode> node = take(key).filter(value -> !isNull(value));
    if (node.isPresent()) {
      RunsOnSource parent = new RunsOnSource(below(key), node.get(), notes);
      parent.left.forEach((name, entry) ->
          children.put(name, new RunsOnSource(parent.below(name), entry.value(), notes)));
    }
    return children;
  }

  /** The map under a key. */
  Optional<RunsOnSource> child(String key) {
    return take(key)
        .filter(value -> !isNull(value))
        .map(node -> new RunsOnSource(below(key), node, notes));
  }

  /** The maps in the list under a key. */
  List<RunsOnSource> items(String key) {
    List<RunsOnSource> items = new ArrayList<>();
    Optional<YamlNode> node = take(key).filter(value -> !isNull(value));
    if (node.isPresent() && node.get() instanceof YamlNode.Sequence sequence) {
      for (YamlNode item : sequence.items()) {
        items.add(new RunsOnSource(below(key) + "[" + items.size() + "]", item, notes));
      }
    } else if (node.isPresent()) {
      notes.add(node.get().place().line(), below(key) + " is not a list");
    }
    return items;
  }

  /** Says what became of this map. */
  void note(String text) {
    notes.add(line, path + " " + text);
  }

  /** Notes every key that was not taken. */
  void noteTheRest() {
    left.forEach(
        (key, entry) -> notes.add(entry.key().place().line(), below(key) + " has no counterpart"));
    left.clear();
  }

  private String below(String key) {
    return path.isEmpty() ? key : path + "." + key;
  }

  private static boolean isNull(YamlNode node) {
    return node instanceof YamlNode.Scalar scalar && scalar.isNull();
  }
}
