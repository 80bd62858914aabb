package dev.muster.agent.common;

import dev.muster.agent.protocol.Secret;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the machine was told at its launch: {@code {url, launch, secret, instance, home,
 * hardDeadlineSeconds}} and perhaps {@code user}, {@code metadata}, {@code image} and {@code
 * identity} in a file of mode 0600.
 *
 * @param url the appliance's {@code agent_url}
 * @param launch the launch that this machine belongs to
 * @param secret the launch's secret; absent once used
 * @param instance what the provider calls this machine
 * @param home the agent's folder: session, working folder, log
 * @param hardDeadline from the agent's start to the end of whatever runs
 * @param user whom jobs run as; empty for the agent's own user
 * @param metadata where the cloud tells of interruptions; empty where there is none to ask
 * @param image what the image says of itself; empty where there is no image
 * @param identity what the provider signed about this machine; absent once used
 */
public record AgentConfig(
    URI url,
    String launch,
    @Nullable Secret secret,
    String instance,
    Path home,
    Duration hardDeadline,
    Optional<String> user,
    Optional<URI> metadata,
    Optional<Path> image,
    Optional<String> identity) {

  public AgentConfig {
    if (!("http".equals(url.getScheme()) || "https".equals(url.getScheme()))
        || url.getHost() == null
        || url.getUserInfo() != null) {
      throw new IllegalArgumentException("'url' must be http(s)://HOST[:PORT], was " + url);
    }
    if (!hardDeadline.isPositive()) {
      throw new IllegalArgumentException("'hardDeadlineSeconds' must be positive");
    }
  }

  /**
   * Reads the file that the bootstrap wrote.
   *
   * @throws IOException when the file cannot be read, with the way out in the message
   * @throws IllegalArgumentException when a key is missing or wrong
   */
  public static AgentConfig read(PrivateFile file) throws IOException {
    Map<String, Object> keys = file.read();
    return new AgentConfig(
        URI.create(text(keys, "url")),
        text(keys, "launch"),
        keys.get("secret") == null ? null : new Secret(text(keys, "secret")),
        text(keys, "instance"),
        Path.of(text(keys, "home")),
        seconds(keys, "hardDeadlineSeconds"),
        optional(keys, "user"),
        optional(keys, "metadata").map(URI::create),
        optional(keys, "image").map(Path::of),
        optional(keys, "identity"));
  }

  /**
   * Takes the launch's secret off the disk, and what went with it. Other keys, known or not, stay
   * as they are.
   */
  public static void forgetSecret(PrivateFile file) throws IOException {
    Map<String, Object> keys = new LinkedHashMap<>(file.read());
    boolean had = keys.remove("secret") != null;
    if (keys.remove("identity") != null || had) {
      file.write(keys);
    }
  }

  private static Optional<String> optional(Map<String, Object> keys, String key) {
    return keys.get(key) == null ? Optional.empty() : Optional.of(text(keys, key));
  }

  private static String text(Map<String, Object> keys, String key) {
    if (keys.get(key) instanceof String value && !value.isBlank()) {
      return value;
    }
    throw new IllegalArgumentException("'%s' must be given, as text".formatted(key));
  }

  private static Duration seconds(Map<String, Object> keys, String key) {
    return switch (keys.get(key)) {
      case Integer value -> Duration.ofSeconds(value);
      case Long value -> Duration.ofSeconds(value);
      case null, default ->
          throw new IllegalArgumentException("'%s' must be a whole number".formatted(key));
    };
  }
}
