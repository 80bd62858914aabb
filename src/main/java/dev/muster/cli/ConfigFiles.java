package dev.muster.cli;

import dev.muster.Appliance;
import dev.muster.config.ConfigTree;
import dev.muster.config.LoadResult;
import dev.muster.config.Problem;
import dev.muster.config.Revision;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;

/** A config tree on disk: a folder, or one file that stands for the main one. */
final class ConfigFiles {
  private ConfigFiles() {}

  /** Checks what may hold config; fails with exit code 2 when the path cannot be read. */
  static LoadResult check(World world, Path path) {
    return Appliance.configLoader()
        .load(
            new Revision("worktree", path.toString(), "", "", world.clock().instant()),
            read(world.working().resolve(path)));
  }

  /**
   * Reads what may hold config, as a push of it would be read: links are not followed but for a
   * single file that is named; fails with exit code 2 when the path cannot be read.
   */
  static ConfigTree read(Path path) {
    ConfigTree.Builder tree = new ConfigTree.Builder();
    try {
      if (Files.isRegularFile(path)) {
        put(tree, ConfigTree.MAIN_FILES.getFirst(), path);
        return tree.build();
      }
      if (!Files.isDirectory(path)) {
        throw new Failure(Failure.UNUSABLE, path + " is not there; name a folder or a file");
      }
      for (String main : ConfigTree.MAIN_FILES) {
        inTree(tree, path, path.resolve(main));
      }
      Path parts = path.resolve("muster.d");
      inTree(tree, path, parts);
      if (Files.isDirectory(parts, LinkOption.NOFOLLOW_LINKS)) {
        List<Path> found;
        try (var entries = Files.list(parts)) {
          found = entries.sorted().toList();
        }
        for (Path part : found) {
          inTree(tree, path, part);
        }
      }
      return tree.build();
    } catch (IOException e) {
      throw new Failure(
          Failure.UNUSABLE,
          path + " cannot be read: " + e.getMessage() + "; check its permissions");
    }
  }

  private static void inTree(ConfigTree.Builder tree, Path root, Path file) throws IOException {
    String name = root.relativize(file).toString().replace('\\', '/');
    if (ConfigTree.concerns(name) && Files.isSymbolicLink(file)) {
      tree.noFile(name);
    } else if (ConfigTree.holdsConfig(name) && Files.isRegularFile(file)) {
      put(tree, name, file);
    }
  }

  private static void put(ConfigTree.Builder tree, String name, Path file) throws IOException {
    if (tree.wants(name, Files.size(file))) {
      tree.file(name, Files.readAllBytes(file));
    }
  }

  /** A problem with the name of its file as the user gave it. */
  static Problem shown(Path path, Problem problem) {
    return new Problem(
        shown(path, problem.file()),
        problem.line(),
        problem.column(),
        problem.severity(),
        problem.message(),
        problem.hint());
  }

  /** The name to show for a problem's file when one file was checked. */
  static String shown(Path path, String file) {
    return Files.isRegularFile(path) ? path.toString() : file;
  }
}
