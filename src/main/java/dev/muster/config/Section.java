package dev.muster.config;

import java.util.List;

/**
 * One capability's part of the config: the top-level keys that it owns, its checks across keys, and
 * the immutable form that the capability works with.
 *
 * @param <T> the immutable, validated form
 */
public interface Section<T> {
  /** The class of its validated form. */
  Class<T> type();

  /** The top-level keys that it owns; no two sections own the same. */
  List<Key<?>> keys();

  /**
   * Reports what is wrong across keys: unknown references, names given twice, sums over a limit.
   * Called whether or not the values were right; those that were wrong are absent.
   *
   * @param root every top-level key of all files
   */
  void check(Fields root, Problems problems);

  /** The validated form; called only when no check of any section reported an error. */
  T build(Fields root);
}
