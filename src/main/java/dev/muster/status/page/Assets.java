package dev.muster.status.page;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.commons.codec.digest.DigestUtils;

/** The style, script and icon, under addresses that change with their content. */
final class Assets {
  private static final String FOLDER = "/dev/muster/status/assets/";

  private Assets() {}

  /**
   * A file.
   *
   * @param path as {@code status.0f1e2d3c.css}
   */
  record Asset(String name, String path, String type, byte[] content) {}

  /** Read with the first page: a start has no use for them. */
  private static final class Loaded {
    static final Map<String, Asset> BY_PATH =
        Stream.of("status.css", "status.js", "icon.svg")
            .map(Assets::asset)
            .collect(Collectors.toUnmodifiableMap(Asset::path, a -> a));
  }

  static Optional<Asset> at(String path) {
    return Optional.ofNullable(Loaded.BY_PATH.get(path));
  }

  /** Where a browser finds the file that is called {@code name} in the jar. */
  static String address(String name) {
    return Loaded.BY_PATH.values().stream()
        .filter(asset -> asset.name().equals(name))
        .map(asset -> "/assets/" + asset.path())
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("There is no asset " + name));
  }

  private static Asset asset(String name) {
    byte[] content = resource(FOLDER + name);
    int dot = name.lastIndexOf('.');
    String path = name.substring(0, dot) + "." + hash(content) + name.substring(dot);
    return new Asset(name, path, type(name), content);
  }

  private static String type(String name) {
    return switch (name.substring(name.lastIndexOf('.') + 1)) {
      case "css" -> "text/css; charset=utf-8";
      case "js" -> "text/javascript; charset=utf-8";
      case "svg" -> "image/svg+xml";
      default -> throw new IllegalArgumentException("What type has " + name + "?");
    };
  }

  static byte[] resource(String path) {
    try (InputStream in = Assets.class.getResourceAsStream(path)) {
      if (in == null) {
        throw new IllegalStateException(path + " is missing from the jar");
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException("Reading " + path + " from the jar", e);
    }
  }

  private static String hash(byte[] content) {
    return HexFormat.of().formatHex(DigestUtils.sha256(content), 0, 6);
  }
}
