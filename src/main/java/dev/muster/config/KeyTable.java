package dev.muster.config;

/** Every key with its type, default, example and meaning, as a Markdown table. */
final class KeyTable {
  private KeyTable() {}

  static String of(Shape<?> root) {
    StringBuilder table =
        new StringBuilder(
            """
            | Key | Type | Default | Example | Meaning |
            |---|---|---|---|---|
            """);
    root.eachKey("", (path, key) -> table.append(row(path, key)));
    return table.toString();
  }

  private static <T> String row(String path, Key<T> key) {
    return "| `%s` | %s | %s | %s | %s |\n"
        .formatted(
            path, key.shape().words(), standard(key), code(key.example()), cell(key.about()));
  }

  private static <T> String standard(Key<T> key) {
    if (key.required()) {
      return "required";
    }
    return key.standard()
        .map(value -> code(key.shape().write(value)))
        .orElse(key.standardWords().isEmpty() ? "" : cell(key.standardWords()));
  }

  private static String code(String text) {
    return "`" + cell(text) + "`";
  }

  private static String cell(String text) {
    return text.replace("|", "\\|");
  }
}
