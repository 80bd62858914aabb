package dev.muster.config;

import java.util.Map;

/**
 * A revision that was accepted: the validated form of every section.
 *
 * @param sections by the class of their validated form
 */
public record Snapshot(Revision revision, Map<Class<?>, Object> sections) {
  public Snapshot {
    sections = Map.copyOf(sections);
  }

  /** The validated form of a section; every section is there, with its defaults if need be. */
  public <T> T get(Class<T> type) {
    Object section = sections.get(type);
    if (section == null) {
      throw new IllegalArgumentException("No section of the config has the form " + type);
    }
    return type.cast(section);
  }
}
