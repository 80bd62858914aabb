package dev.muster.config;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiConsumer;

/**
 * Turns a tree of files into a {@link Snapshot}, or into every problem in it. Pure: the same tree
 * gives the same result, and no content makes it throw.
 */
public final class ConfigLoader {
  private final List<Section<?>> sections;
  private final List<Key<?>> keys;
  private final ObjectShape root;

  /**
   * @param sections of all capabilities, {@link CoreSection} among them; no key is in two of them
   */
  public ConfigLoader(List<Section<?>> sections) {
    this.sections = List.copyOf(sections);
    this.keys = sections.stream().<Key<?>>flatMap(section -> section.keys().stream()).toList();
    this.root = new ObjectShape("the config", keys);
  }

  /** Reads every file of the tree that holds config; other files are ignored. */
  public LoadResult load(Revision revision, ConfigTree tree) {
    Problems problems = new Problems();
    Optional<Fields> config = merged(tree, problems);
    // What a file that could not be read defines would only seem to be missing.
    config.ifPresent(read -> sections.forEach(section -> section.check(read, problems)));
    return config.isEmpty() || problems.hasErrors()
        ? new LoadResult.Rejected(revision, problems.inOrder())
        : new LoadResult.Accepted(snapshot(revision, config.get()), problems.inOrder());
  }

  private Snapshot snapshot(Revision revision, Fields config) {
    Map<Class<?>, Object> built = new HashMap<>();
    for (Section<?> section : sections) {
      built.put(section.type(), section.build(config));
    }
    return new Snapshot(revision, built);
  }

  /** All files as one; empty when one of them could not be read at all. */
  private Optional<Fields> merged(ConfigTree tree, Problems problems) {
    Optional<String> main =
        ConfigTree.MAIN_FILES.stream().filter(path -> tree.files().containsKey(path)).findFirst();
    if (main.isEmpty()
        && tree.unread().keySet().stream().noneMatch(ConfigTree.MAIN_FILES::contains)) {
      problems.error(
          new Place(ConfigTree.MAIN_FILES.getFirst(), 0, 0),
          "no config found",
          "the main file is one of " + String.join(", ", ConfigTree.MAIN_FILES));
    }
    // Left out without a word, its pools would be drained.
    tree.unread()
        .forEach((path, why) -> problems.error(new Place(path, 0, 0), why.problem(), why.hint()));
    Optional<Fields> all = main.flatMap(path -> mainFile(path, tree, problems));
    for (String path : tree.files().keySet()) {
      if (ConfigTree.holdsConfig(path) && !ConfigTree.MAIN_FILES.contains(path)) {
        Optional<Fields> part = read(path, tree, problems);
        all = all.flatMap(one -> part.map(other -> one.join(other, keys, problems)));
      }
    }
    return all;
  }

  private Optional<Fields> mainFile(String path, ConfigTree tree, Problems problems) {
    Optional<Fields> fields = read(path, tree, problems);
    if (fields.isPresent() && !fields.get().has(CoreSection.VERSION)) {
      problems.error(
          Place.startOf(path),
          "version is missing",
          "begin with version: " + CoreSection.VERSION.example());
    }
    return fields;
  }

  private Optional<Fields> read(String path, ConfigTree tree, Problems problems) {
    byte[] content = Objects.requireNonNull(tree.files().get(path));
    return new YamlReader(path, problems)
        .read(content)
        .flatMap(node -> root.read(node, Reading.root(problems)));
  }

  /** The JSON Schema (2020-12) of a main file, for editors; the same rules, without references. */
  public String schema() {
    ObjectNode schema = JsonNodeFactory.instance.objectNode();
    schema.put("$schema", "https://json-schema.org/draft/2020-12/schema");
    schema.put("title", "Muster config");
    schema.put("type", "object");
    root.describeMap(schema);
    schema.putArray("required").add(CoreSection.VERSION.name());
    return schema.toPrettyString() + "\n";
  }

  /** The table of every key, in Markdown, for {@code docs/configuration.md}. */
  public String keyTable() {
    return KeyTable.of(root);
  }

  /** Shows every key with its path. */
  void eachKey(BiConsumer<String, Key<?>> visitor) {
    root.eachKey("", visitor);
  }
}
