package dev.muster.agent.protocol;

import java.util.Map;
import java.util.Optional;

/**
 * The GitHub runner that a machine should have, within {@link SessionGrant}.
 *
 * @param version such as {@code 2.330.0}
 * @param source where releases lie: the archive is at {@code
 *     SOURCE/vVERSION/actions-runner-PLATFORM-VERSION.tar.gz} ({@code .zip} for Windows)
 * @param sha256 of the archives, in lower-case hexadecimal, by platform: {@code linux-x64}, {@code
 *     linux-arm64}, {@code win-x64}
 */
public record RunnerRelease(String version, String source, Map<String, String> sha256) {
  private static final int PLATFORMS = 16;

  public RunnerRelease {
    sha256 = Map.copyOf(sha256);
    if (!version.matches("[0-9]{1,4}(\\.[0-9]{1,6}){2}")) {
      throw new IllegalArgumentException("version must be like 2.330.0");
    }
    Bounds.text("source", source, Bounds.LINE);
    if (sha256.size() > PLATFORMS) {
      throw new IllegalArgumentException(
          "sha256 must have at most %d entries".formatted(PLATFORMS));
    }
    sha256.forEach((platform, sum) -> {
      Bounds.id("platform", platform);
      if (!sum.matches("[0-9a-f]{64}")) {
        throw new IllegalArgumentException("sha256 must be 64 hexadecimal digits");
      }
    });
  }

  /** The archive for a platform; empty where its checksum is not known. */
  public Optional<Archive> archive(String platform) {
    String sum = sha256.get(platform);
    if (sum == null) {
      return Optional.empty();
    }
    String suffix = platform.startsWith("win-") ? "zip" : "tar.gz";
    return Optional.of(
        new Archive(
            "%s/v%s/actions-runner-%s-%s.%s".formatted(source, version, platform, version, suffix),
            sum));
  }

  /** Where an archive is and what it must be. */
  public record Archive(String url, String sha256) {}

  static RunnerRelease from(Fields fields) {
    return new RunnerRelease(
        fields.string("version"), fields.string("source"), fields.stringMap("sha256"));
  }

  Map<String, Object> toWire() {
    return new WireObject()
        .put("version", version)
        .put("source", source)
        .put("sha256", sha256)
        .toMap();
  }
}
