package dev.muster.agent.common;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;

/**
 * A file from the network that is kept only if its SHA-256 is the one that is known. Over TLS, also
 * where it is redirected to; plain HTTP only on this machine.
 */
final class Download {
  private static final Duration CONNECT = Duration.ofSeconds(10);
  private static final Duration SILENCE = Duration.ofSeconds(20);
  private static final int REDIRECTS = 5;

  private final AgentTime time;
  private final long largest;
  private final Duration longest;

  /**
   * With bounds.
   *
   * @param largest bytes
   * @param longest for the whole of it
   */
  Download(AgentTime time, long largest, Duration longest) {
    this.time = time;
    this.largest = largest;
    this.longest = longest;
  }

  /**
   * Fetches into {@code to}, which is not there when this fails.
   *
   * @throws IOException when it cannot be had whole and right, with the URL in the message
   */
  void fetch(URI url, String sha256, Path to) throws IOException {
    boolean kept = false;
    try {
      String found = copy(url, to);
      if (!found.equals(sha256)) {
        throw new IOException("%s has the SHA-256 %s, not %s".formatted(url, found, sha256));
      }
      kept = true;
    } finally {
      if (!kept) {
        Files.deleteIfExists(to);
      }
    }
  }

  private String copy(URI url, Path to) throws IOException {
    MessageDigest digest = sha256();
    Duration end = time.elapsed().plus(longest);
    byte[] buffer = new byte[64 * 1024];
    long total = 0;
    try (InputStream in = open(url);
        OutputStream out = Files.newOutputStream(to)) {
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        total += n;
        if (total > largest) {
          throw new IOException("%s is larger than %d bytes".formatted(url, largest));
        }
        if (time.elapsed().compareTo(end) > 0) {
          throw new IOException("%s takes longer than %s".formatted(url, longest));
        }
        digest.update(buffer, 0, n);
        out.write(buffer, 0, n);
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static InputStream open(URI url) throws IOException {
    URI next = url;
    for (int i = 0; i <= REDIRECTS; i++) {
      requireSafe(next);
      HttpURLConnection connection = (HttpURLConnection) next.toURL().openConnection();
      connection.setConnectTimeout((int) CONNECT.toMillis());
      connection.setReadTimeout((int) SILENCE.toMillis());
      connection.setInstanceFollowRedirects(false); // each one is looked at
      int status = connection.getResponseCode();
      String location = connection.getHeaderField("Location");
      if (status == HttpURLConnection.HTTP_OK) {
        return connection.getInputStream();
      }
      if (status < 301 || status > 308 || location == null) {
        throw new IOException("%s answered %d".formatted(next, status));
      }
      next = next.resolve(location);
    }
    throw new IOException("%s redirects more than %d times".formatted(url, REDIRECTS));
  }

  private static void requireSafe(URI url) throws IOException {
    boolean loopback =
        url.getHost() != null && InetAddress.getByName(url.getHost()).isLoopbackAddress();
    if (!"https".equals(url.getScheme()) && !("http".equals(url.getScheme()) && loopback)) {
      throw new IOException("%s is not https".formatted(url));
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
