package dev.muster.config;

/**
 * One capability's part of the config: names its type in a {@link Snapshot}.
 *
 * @param <T> the immutable, validated form
 */
public interface Section<T> {
  /** The class of its validated form. */
  Class<T> type();
}
