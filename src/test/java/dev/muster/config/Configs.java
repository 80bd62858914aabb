package dev.muster.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.fleet.github.GitHubSection;
import dev.muster.fleet.spec.FleetSection;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Loads configs as the appliance does, for tests of any capability. */
public final class Configs {
  private static final Revision REVISION =
      new Revision("worktree", "test", "Ada <ada@example.com>", "a change", Instant.EPOCH);

  private Configs() {}

  public static ConfigLoader loader() {
    return new ConfigLoader(List.of(new CoreSection(), new GitHubSection(), new FleetSection()));
  }

  /** The folder of the repository that holds a checked-in folder or file. */
  public static Path repository(String path) {
    Path module = Path.of("").toAbsolutePath();
    return module.resolveSibling(path);
  }

  public static ConfigTree tree(Path folder) throws IOException {
    TreeMap<String, byte[]> files = new TreeMap<>();
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path file : all.filter(Files::isRegularFile).toList()) {
        files.put(folder.relativize(file).toString(), Files.readAllBytes(file));
      }
    }
    return new ConfigTree(files);
  }

  public static LoadResult load(ConfigTree tree) {
    return loader().load(REVISION, tree);
  }

  public static LoadResult load(byte[] mainFile) {
    TreeMap<String, byte[]> files = new TreeMap<>();
    files.put("muster.yml", mainFile);
    return load(new ConfigTree(files));
  }

  public static LoadResult load(String mainFile) {
    return load(mainFile.getBytes(StandardCharsets.UTF_8));
  }

  public static Snapshot accepted(LoadResult result) {
    assertThat(result).isInstanceOf(LoadResult.Accepted.class);
    return ((LoadResult.Accepted) result).snapshot();
  }

  /** The problems as {@code validate} prints them. */
  public static List<String> problems(LoadResult result) {
    List<Problem> problems =
        switch (result) {
          case LoadResult.Accepted accepted -> accepted.warnings();
          case LoadResult.Rejected rejected -> rejected.problems();
        };
    return problems.stream().map(Problem::toString).toList();
  }

  public static List<String> problems(String mainFile) {
    return problems(load(mainFile));
  }
}
