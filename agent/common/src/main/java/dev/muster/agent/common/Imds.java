package dev.muster.agent.common;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * EC2's instance metadata, version 2: a token first, then everything with it. The token is asked
 * for again when the service does not know it any more. Not for use by several threads.
 */
final class Imds implements InstanceMetadata {
  private static final Duration PATIENCE = Duration.ofSeconds(2);
  private static final int LARGEST = 16 * 1024;
  private static final String SECONDS = "21600"; // the longest that EC2 gives

  private final String base;
  private @Nullable String token;

  /**
   * At an address.
   *
   * @param base {@code http://169.254.169.254} on EC2
   */
  Imds(URI base) {
    this.base = base.toString().replaceAll("/+$", "");
  }

  @Override
  public Optional<String> read(String path) throws IOException {
    boolean fresh = token == null;
    if (fresh) {
      token = newToken();
    }
    Answer answer = ask("GET", path, "X-aws-ec2-metadata-token", String.valueOf(token));
    if (answer.status() == HttpURLConnection.HTTP_UNAUTHORIZED && !fresh) {
      token = null;
      return read(path);
    }
    return switch (answer.status()) {
      case HttpURLConnection.HTTP_OK -> Optional.of(answer.text());
      case HttpURLConnection.HTTP_NOT_FOUND -> Optional.empty();
      default ->
          throw new IOException("GET %s%s answered %d".formatted(base, path, answer.status()));
    };
  }

  private String newToken() throws IOException {
    String path = "/latest/api/token";
    Answer answer = ask("PUT", path, "X-aws-ec2-metadata-token-ttl-seconds", SECONDS);
    if (answer.status() != HttpURLConnection.HTTP_OK) {
      throw new IOException("PUT %s%s answered %d".formatted(base, path, answer.status()));
    }
    return answer.text();
  }

  private Answer ask(String method, String path, String header, String value) throws IOException {
    // No proxy stands between a machine and its metadata.
    HttpURLConnection connection =
        (HttpURLConnection) URI.create(base + path).toURL().openConnection(Proxy.NO_PROXY);
    connection.setRequestMethod(method);
    connection.setConnectTimeout((int) PATIENCE.toMillis());
    connection.setReadTimeout((int) PATIENCE.toMillis());
    connection.setInstanceFollowRedirects(false);
    connection.setRequestProperty(header, value);
    try {
      int status = connection.getResponseCode();
      InputStream body =
          status < HttpURLConnection.HTTP_BAD_REQUEST
              ? connection.getInputStream()
              : connection.getErrorStream();
      if (body == null) {
        return new Answer(status, "");
      }
      try (body) {
        return new Answer(
            status, new String(body.readNBytes(LARGEST), StandardCharsets.UTF_8).strip());
      }
    } catch (IOException e) {
      throw new IOException("%s %s%s: %s".formatted(method, base, path, e.getMessage()), e);
    }
  }

  private record Answer(int status, String text) {}
}
