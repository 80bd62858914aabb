package dev.muster.agent.common;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Set;

/**
 * A JSON object in a file that only its owner may read (0600). Writing replaces the whole file or
 * nothing, so that a crash leaves either the old or the new content.
 *
 * <p>Windows knows no modes: there the folder's access list, which the bootstrap sets for SYSTEM
 * and administrators alone, is what the files in it inherit.
 */
public final class PrivateFile {
  private static final Set<PosixFilePermission> OWNER_ONLY =
      PosixFilePermissions.fromString("rw-------");

  private static final boolean MODES =
      FileSystems.getDefault().supportedFileAttributeViews().contains("posix");

  private final Path path;

  public PrivateFile(Path path) {
    this.path = path;
  }

  public Path path() {
    return path;
  }

  public boolean exists() {
    return Files.exists(path);
  }

  /**
   * Its content.
   *
   * @throws IOException when it cannot be read, is open to others, or is not a JSON object
   */
  public Map<String, Object> read() throws IOException {
    requireOwnerOnly();
    try {
      return JSON.std.mapFrom(Files.readAllBytes(path));
    } catch (JsonProcessingException e) {
      // Without the parser's message, which may quote the credential.
      throw new IOException("read %s: not a JSON object".formatted(path));
    }
  }

  private void requireOwnerOnly() throws IOException {
    if (!MODES) {
      return;
    }
    Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(path);
    if (!OWNER_ONLY.containsAll(permissions)) {
      throw new IOException(
          "read %s: others may read it (%s), and it holds a credential; chmod 600 it"
              .formatted(path, PosixFilePermissions.toString(permissions)));
    }
  }

  public void write(Map<String, ?> content) throws IOException {
    Path next = path.resolveSibling(path.getFileName() + ".next");
    Files.deleteIfExists(next);
    if (MODES) {
      Files.createFile(next, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
    }
    Files.write(next, JSON.std.asBytes(content));
    Files.move(next, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  public void delete() throws IOException {
    Files.deleteIfExists(path);
  }
}
