package dev.muster.kernel.home;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/**
 * Which build this is.
 *
 * @param commit abbreviated, {@code unknown} where it was not built in a git checkout
 * @param date of the commit or of the reproducible build
 */
public record Build(String version, String commit, String date, String java) {
  /**
   * Reads what the build wrote.
   *
   * @param java the version of the runtime
   */
  public static Build read(String java) {
    Properties properties = new Properties();
    try (InputStream in = Build.class.getResourceAsStream("/dev/muster/build.properties")) {
      if (in != null) {
        properties.load(in);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("The build's own description cannot be read", e);
    }
    return new Build(
        properties.getProperty("version", "development"),
        known(properties.getProperty("commit")),
        known(properties.getProperty("date")),
        java);
  }

  /** What the build did not fill in is still a placeholder. */
  private static String known(@org.jspecify.annotations.Nullable String value) {
    return value == null || value.isBlank() || value.contains("${") ? "unknown" : value;
  }

  public String words() {
    return "muster %s, commit %s, built %s, Java %s".formatted(version, commit, date, java);
  }
}
