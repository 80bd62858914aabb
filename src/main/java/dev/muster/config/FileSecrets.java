package dev.muster.config;

import dev.muster.kernel.reconcile.StalledException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Secrets from {@code secrets.yml}, a map of names to values, and from environment variables. The
 * file comes first and is read again only when it changed. Line breaks at a value's end do not
 * count, so that a value may be written as a block.
 */
public final class FileSecrets implements Secrets {
  private static final Set<PosixFilePermission> OWNER_ONLY =
      Set.of(
          PosixFilePermission.OWNER_READ,
          PosixFilePermission.OWNER_WRITE,
          PosixFilePermission.OWNER_EXECUTE);

  private final Path file;
  private final Map<String, String> environment;
  private volatile Loaded loaded = new Loaded(Optional.empty(), Map.of());

  /**
   * @param file need not exist
   * @param environment variables by name
   */
  public FileSecrets(Path file, Map<String, String> environment) {
    this.file = file;
    this.environment = Map.copyOf(environment);
  }

  /**
   * @throws StalledException when the file is there and others may read it, or it is not a map of
   *     names to values
   */
  @Override
  public Optional<Found> find(SecretRef ref) {
    String written = current().values.get(ref.name());
    Found found =
        written == null
            ? new Found(environment.getOrDefault(variable(ref), ""), "variable " + variable(ref))
            : new Found(written, file.toString());
    return Optional.of(found).filter(secret -> !secret.value().isEmpty());
  }

  /** {@code MUSTER_SECRET_GITHUB_APP_KEY} for {@code github-app-key}. */
  static String variable(SecretRef ref) {
    return "MUSTER_SECRET_"
        + ref.name().toUpperCase(Locale.ROOT).replace('-', '_').replace('.', '_');
  }

  /** Two threads may read the file at once; either result is right. */
  private Loaded current() {
    Loaded known = loaded;
    try {
      Optional<Version> version = version();
      if (version.equals(known.version)) {
        return known;
      }
      Loaded read = new Loaded(version, version.isEmpty() ? Map.of() : read());
      loaded = read;
      return read;
    } catch (IOException e) {
      throw new StalledException("Cannot read the secrets in " + file, e);
    }
  }

  /** Empty when there is no file. */
  private Optional<Version> version() throws IOException {
    try {
      PosixFileAttributes attributes = Files.readAttributes(file, PosixFileAttributes.class);
      if (!OWNER_ONLY.containsAll(attributes.permissions())) {
        throw refused(
            "Refusing the secrets in " + file + ", which others may read: chmod 600 " + file);
      }
      return Optional.of(
          new Version(attributes.lastModifiedTime(), attributes.size(), attributes.fileKey()));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  private Map<String, String> read() throws IOException {
    Problems problems = new Problems();
    Optional<YamlNode> root =
        new YamlReader(file.toString(), problems).read(Files.readAllBytes(file));
    if (problems.hasErrors() || root.isEmpty()) {
      throw refused("Refusing the secrets: " + problems.inOrder().getFirst());
    }
    return values(root.get());
  }

  private static Map<String, String> values(YamlNode root) {
    if (!(root instanceof YamlNode.Mapping mapping)) {
      throw refused(
          root.place() + ": secrets are a map of names to values, one a line as name: value");
    }
    Map<String, String> values = new HashMap<>();
    for (YamlNode.Entry entry : mapping.entries()) {
      if (!(entry.value() instanceof YamlNode.Scalar value) || value.isNull()) {
        throw refused(
            entry.value().place()
                + ": the secret \""
                + entry.key().text()
                + "\" is not a single value; put it in quotes, or in a block after |");
      }
      values.put(entry.key().text(), value.text().stripTrailing());
    }
    return Map.copyOf(values);
  }

  private static StalledException refused(String message) {
    return new StalledException(message, null);
  }

  /** Changes whenever the file is written or replaced. */
  private record Version(FileTime modified, long size, @Nullable Object key) {}

  private record Loaded(Optional<Version> version, Map<String, String> values) {}
}
