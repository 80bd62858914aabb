package dev.muster.config;

import java.util.Optional;

/**
 * Something wrong in a config file.
 *
 * @param file path inside the tree, with forward slashes
 * @param line from 1; 0 when the problem has no place in the file
 * @param column from 1, in characters, not counting a byte order mark
 * @param hint the way out, where one is known
 */
public record Problem(
    String file, int line, int column, Severity severity, String message, Optional<String> hint) {
  /** Errors reject the config; warnings are shown and leave it in force. */
  public enum Severity {
    ERROR,
    WARNING;

    public String word() {
      return this == ERROR ? "error" : "warning";
    }
  }

  /** As compilers print it: {@code file:line:column: error: message (hint)}. */
  @Override
  public String toString() {
    return "%s:%d:%d: %s: %s%s"
        .formatted(
            file, line, column, severity.word(), message, hint.map(h -> " (" + h + ")").orElse(""));
  }
}
