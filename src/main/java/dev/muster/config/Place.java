package dev.muster.config;

/**
 * Where something stands.
 *
 * @param file path inside the tree, with forward slashes
 * @param line from 1; 0 for the file as a whole
 * @param column from 1, in characters, not counting a byte order mark
 */
public record Place(String file, int line, int column) {
  /** A file's first character, where what is missing from it would stand. */
  public static Place startOf(String file) {
    return new Place(file, 1, 1);
  }

  @Override
  public String toString() {
    return file + ":" + line + ":" + column;
  }
}
