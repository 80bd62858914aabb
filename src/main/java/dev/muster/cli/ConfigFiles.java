package dev.muster.cli;

import dev.muster.config.ConfigTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A config tree on disk: a folder, or one file that stands for the main one. */
final class ConfigFiles {
  private ConfigFiles() {}

  /** Reads what may hold config; fails with exit code 2 when the path cannot be read. */
  static ConfigTree read(Path path) {
    TreeMap<String, byte[]> files = new TreeMap<>();
    try {
      if (Files.isRegularFile(path)) {
        files.put(ConfigTree.MAIN_FILES.getFirst(), Files.readAllBytes(path));
        return new ConfigTree(files);
      }
      if (!Files.isDirectory(path)) {
        throw new Failure(Failure.UNUSABLE, path + " is not there; name a folder or a file");
      }
      for (String main : ConfigTree.MAIN_FILES) {
        put(files, path, path.resolve(main));
      }
      Path parts = path.resolve("muster.d");
      if (Files.isDirectory(parts)) {
        List<Path> found;
        try (var entries = Files.list(parts)) {
          found = entries.sorted().toList();
        }
        for (Path part : found) {
          put(files, path, part);
        }
      }
      return new ConfigTree(files);
    } catch (IOException e) {
      throw new Failure(
          Failure.UNUSABLE,
          path + " cannot be read: " + e.getMessage() + "; check its permissions");
    }
  }

  private static void put(Map<String, byte[]> files, Path root, Path file) throws IOException {
    String name = root.relativize(file).toString().replace('\\', '/');
    if (Files.isRegularFile(file) && ConfigTree.holdsConfig(name)) {
      files.put(name, Files.readAllBytes(file));
    }
  }

  /** The name to show for a problem's file when one file was checked. */
  static String shown(Path path, String file) {
    return Files.isRegularFile(path) ? path.toString() : file;
  }
}
