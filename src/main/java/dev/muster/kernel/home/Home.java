package dev.muster.kernel.home;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Optional;

/**
 * The layout of home (SURFACE: details that checks rely on).
 *
 * @param root the folder itself
 */
public record Home(Path root) {
  /** Where an appliance that was installed as a package keeps everything. */
  public static final Path SYSTEM = Path.of("/var/lib/muster");

  private static final int KEY_BYTES = 32;

  /**
   * The home to use when none is named: the system's where it is writable, else the user's.
   *
   * @param user the user's home folder
   */
  public static Home standard(Path user) {
    boolean system = Files.isDirectory(SYSTEM) && Files.isWritable(SYSTEM);
    return new Home(system ? SYSTEM : user.resolve(".muster"));
  }

  /** Creates the folder, for its owner alone, where it is missing. */
  public void create() throws IOException {
    try {
      if (!Files.isDirectory(root)) {
        Files.createDirectories(
            root,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      }
      Files.createDirectories(root.resolve("data"));
    } catch (IOException e) {
      throw new IOException(
          "Cannot make the folder %s (%s); name another with --home, or make it and give it to this user"
              .formatted(root, e.getClass().getSimpleName()),
          e);
    }
  }

  /** The database, without H2's suffix. */
  public Path data() {
    return root.resolve("data").resolve("muster");
  }

  public Path configRepository() {
    return root.resolve("config.git");
  }

  /** What was fetched of a repository elsewhere. */
  public Path configCache() {
    return root.resolve("config-cache.git");
  }

  public Path backups() {
    return root.resolve("backups");
  }

  public Path runners() {
    return root.resolve("runners");
  }

  public Path secrets() {
    return root.resolve("secrets.yml");
  }

  public Path properties() {
    return root.resolve("muster.properties");
  }

  Path lock() {
    return root.resolve("muster.lock");
  }

  Path address() {
    return root.resolve("appliance.json");
  }

  Path localToken() {
    return root.resolve("cli.token");
  }

  /** The appliance's own key, made at the first start; from it launch secrets are derived. */
  public byte[] key() throws IOException {
    Path file = root.resolve("muster.key");
    if (!Files.exists(file)) {
      byte[] key = new byte[KEY_BYTES];
      new SecureRandom().nextBytes(key);
      writePrivately(file, key);
    }
    byte[] key = Files.readAllBytes(file);
    if (key.length < KEY_BYTES) {
      throw new IOException(
          file + " is damaged; remove it, and runners that boot now are replaced");
    }
    return key;
  }

  /** The address of the appliance that runs here, and the token that enters it. */
  public Optional<Running> running() throws IOException {
    if (!Files.exists(address()) || !Files.exists(localToken())) {
      return Optional.empty();
    }
    return Optional.of(
            Running.parse(Files.readString(address()), Files.readString(localToken()).strip()))
        .filter(Running::alive);
  }

  /** Says where this process is reached. */
  public void announce(Running running) throws IOException {
    writePrivately(localToken(), running.token().getBytes(java.nio.charset.StandardCharsets.UTF_8));
    Path part = root.resolve("appliance.json.part");
    Files.writeString(part, running.json());
    Files.move(part, address(), StandardCopyOption.ATOMIC_MOVE);
  }

  /** Takes back what {@link #announce} said. */
  public void retract() throws IOException {
    Files.deleteIfExists(address());
    Files.deleteIfExists(localToken());
  }

  /** Whether nothing of an appliance is here yet; a settings or secrets file does not count. */
  public boolean empty() throws IOException {
    if (!Files.isDirectory(root)) {
      return true;
    }
    try (var entries = Files.list(root)) {
      return entries.allMatch(e -> e.equals(properties()) || e.equals(secrets()));
    }
  }

  /** Written beside and moved, readable by its owner alone from the first byte. */
  public static void writePrivately(Path file, byte[] content) throws IOException {
    Path part = file.resolveSibling(file.getFileName() + ".part");
    Files.deleteIfExists(part);
    Files.createFile(
        part, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.write(part, content);
    Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }
}
