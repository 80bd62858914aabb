package dev.muster.config;

import java.util.Optional;

/**
 * Where a {@link Shape} is in a file while it reads: the way from the root, for messages, and the
 * collector of problems.
 *
 * @param path as {@code pools[0].max}; empty at the root
 */
public record Reading(String path, Problems problems) {
  static Reading root(Problems problems) {
    return new Reading("", problems);
  }

  public Reading key(String name) {
    return new Reading(path.isEmpty() ? name : path + "." + name, problems);
  }

  public Reading item(int index) {
    return new Reading(path + "[" + index + "]", problems);
  }

  /** Says that the value is not what it should be; always empty, to be returned. */
  public <T> Optional<T> refuse(YamlNode node, String message, String hint) {
    return refuse(node, message, Optional.of(hint));
  }

  /** As {@link #refuse(YamlNode, String, String)}, without a known way out. */
  public <T> Optional<T> refuse(YamlNode node, String message) {
    return refuse(node, message, Optional.empty());
  }

  /** As {@link #refuse(YamlNode, String, String)}. */
  public <T> Optional<T> refuse(YamlNode node, String message, Optional<String> hint) {
    problems.error(node.place(), path.isEmpty() ? message : path + ": " + message, hint);
    return Optional.empty();
  }

  /** The usual complaint, quoting a single value and no more. */
  public <T> Optional<T> expected(String what, YamlNode node, Optional<String> hint) {
    return refuse(node, "expected " + what + ", found " + quoted(node), hint);
  }

  public <T> Optional<T> expected(String what, YamlNode node) {
    return expected(what, node, Optional.empty());
  }

  private static String quoted(YamlNode node) {
    return switch (node) {
      case YamlNode.Scalar scalar when !scalar.isNull() -> quoted(scalar.text());
      case YamlNode other -> other.kind();
    };
  }

  private static String quoted(String text) {
    String line = text.lines().findFirst().orElse("");
    String brief = line.length() <= 60 ? line : line.substring(0, 60) + "…";
    return "\"" + brief + "\"";
  }
}
