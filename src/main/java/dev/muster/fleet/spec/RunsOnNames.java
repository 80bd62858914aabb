package dev.muster.fleet.spec;

import com.fasterxml.jackson.databind.node.TextNode;
import java.util.Set;

/** Names of a runs-on.yml as Muster can have them. */
final class RunsOnNames {
  /** Leaves room for a number. */
  private static final int LONGEST = 90;

  /** Letters, digits, {@code -}, {@code _} and {@code .} stay; a changed name is noted. */
  String name(String written, RunsOnSource source) {
    String name = written.replaceAll("[^A-Za-z0-9_.-]", "-").replaceAll("^[^A-Za-z0-9]+", "");
    name = name.isEmpty() ? "unnamed" : name.substring(0, Math.min(LONGEST, name.length()));
    if (!name.equals(written)) {
      source.note("is called " + name + " in Muster");
    }
    return name;
  }

  /** A name that is not taken yet, numbered if need be. */
  String unique(String written, Set<String> taken, RunsOnSource source) {
    String name = name(written, source);
    String free = name;
    for (int i = 2; taken.contains(free); i++) {
      free = name + "-" + i;
    }
    if (!free.equals(name)) {
      source.note("is called " + free + " in Muster");
    }
    return free;
  }

  /** As YAML: JSON's quoting is part of it, and keeps {@code 1.0} and {@code on} text. */
  static String quoted(String text) {
    return TextNode.valueOf(text).toString();
  }
}
