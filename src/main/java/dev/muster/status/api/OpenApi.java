package dev.muster.status.api;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** The API's own description, OpenAPI 3.1; a test holds it against the routes and the records. */
final class OpenApi {
  private static final String RESOURCE = "/dev/muster/status/openapi.json";

  private OpenApi() {}

  static String text() {
    try (InputStream in = OpenApi.class.getResourceAsStream(RESOURCE)) {
      if (in == null) {
        throw new IllegalStateException(RESOURCE + " is missing from the jar");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("Reading " + RESOURCE + " from the jar", e);
    }
  }
}
