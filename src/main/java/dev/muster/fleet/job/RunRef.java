package dev.muster.fleet.job;

/**
 * A workflow run: GitHub's number of it, and where it runs.
 *
 * @param repository {@code owner/name}, the one whose jobs these are
 */
public record RunRef(String repository, long id) {
  private static final char SEPARATOR = '#';

  /**
   * Reads what {@link #toString} writes.
   *
   * @throws IllegalArgumentException when it is something else
   */
  static RunRef parse(String text) {
    int at = text.lastIndexOf(SEPARATOR);
    if (at < 1) {
      throw new IllegalArgumentException("Not a run, OWNER/NAME#ID: " + text);
    }
    return new RunRef(text.substring(0, at), Long.parseLong(text.substring(at + 1)));
  }

  /** As in {@code acme/api#4711}. */
  @Override
  public String toString() {
    return repository + SEPARATOR + id;
  }
}
