package dev.muster.config;

import java.util.Collections;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The files of one revision that may hold config.
 *
 * @param files content by path inside the tree, with forward slashes
 * @param others paths of config at which no file lies but a symbolic link or a submodule
 */
public record ConfigTree(SortedMap<String, byte[]> files, SortedSet<String> others) {
  public ConfigTree {
    files = Collections.unmodifiableSortedMap(new TreeMap<>(files));
    others = Collections.unmodifiableSortedSet(new TreeSet<>(others));
  }

  /** Of files alone. */
  public ConfigTree(SortedMap<String, byte[]> files) {
    this(files, new TreeSet<>());
  }

  /** Whether a path of a repository is worth reading at all. */
  public static boolean holdsConfig(String path) {
    return MAIN_FILES.contains(path) || (path.startsWith("muster.d/") && isYaml(path));
  }

  /** The main file is the first of these that exists. */
  public static final java.util.List<String> MAIN_FILES =
      java.util.List.of("muster.yml", ".github/muster.yml", ".github/runs-fleet.yml");

  private static boolean isYaml(String path) {
    return path.indexOf('/', "muster.d/".length()) < 0 && path.endsWith(".yml");
  }
}
