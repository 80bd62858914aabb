package dev.muster.status;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** What was built; Maven fills the resource in. */
public record Build(String version) {
  /** This program. */
  public static Build current() {
    Properties properties = new Properties();
    try (InputStream in = Build.class.getResourceAsStream("/dev/muster/build.properties")) {
      if (in == null) {
        throw new IllegalStateException("build.properties is missing from the jar");
      }
      properties.load(in);
    } catch (IOException e) {
      throw new UncheckedIOException("Reading build.properties from the jar", e);
    }
    return new Build(properties.getProperty("version", "unknown"));
  }
}
