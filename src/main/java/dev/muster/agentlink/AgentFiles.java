package dev.muster.agentlink;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.commons.codec.digest.DigestUtils;

/**
 * The agents that come with this appliance, so that an image's own does not fall behind: one jar
 * for each operating system. They are looked at when somebody first asks, and do not change while
 * the appliance runs.
 */
public final class AgentFiles {
  /** The only names that there are. */
  private static final List<String> NAMES = List.of("agent-linux.jar", "agent-windows.jar");

  /**
   * One of them.
   *
   * @param sha256 in lower-case hexadecimal
   * @param size in bytes
   * @param version of the appliance that it came with
   */
  public record AgentFile(String name, String sha256, long size, String version, Path path) {}

  private final Optional<Path> folder;
  private final String version;
  private Map<String, AgentFile> known = Map.of();
  private boolean looked;

  /**
   * In a folder.
   *
   * @param folder empty where there is none, as without an image of the appliance
   */
  public AgentFiles(Optional<Path> folder, String version) {
    this.folder = folder;
    this.version = version;
  }

  /** All of them; empty where this appliance brings none. */
  public List<AgentFile> all() {
    return List.copyOf(files().values());
  }

  public Optional<AgentFile> named(String name) {
    return Optional.ofNullable(files().get(name));
  }

  private synchronized Map<String, AgentFile> files() {
    if (!looked) {
      Map<String, AgentFile> found = new LinkedHashMap<>();
      for (Path path : present()) {
        AgentFile file = file(path);
        found.put(file.name(), file);
      }
      known = found;
      looked = true;
    }
    return known;
  }

  private List<Path> present() {
    List<Path> paths = new ArrayList<>();
    folder.ifPresent(place ->
        NAMES.stream().map(place::resolve).filter(Files::isRegularFile).forEach(paths::add));
    return paths;
  }

  private AgentFile file(Path path) {
    try {
      byte[] bytes = Files.readAllBytes(path);
      String sum = DigestUtils.sha256Hex(bytes);
      return new AgentFile(path.getFileName().toString(), sum, bytes.length, version, path);
    } catch (IOException e) {
      throw new UncheckedIOException("read the agent " + path, e);
    }
  }
}
