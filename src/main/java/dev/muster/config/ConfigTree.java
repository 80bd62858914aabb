package dev.muster.config;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The files of one revision that may hold config.
 *
 * @param files content by path inside the tree, with forward slashes
 * @param unread paths of config whose content is not here, and why: none of it may be in force then
 */
public record ConfigTree(SortedMap<String, byte[]> files, SortedMap<String, Unread> unread) {
  /** Of one file, in bytes. */
  public static final int MOST_OF_A_FILE = 1024 * 1024;

  /** Of all files together, in bytes. */
  public static final int MOST_OF_ALL = 8 * MOST_OF_A_FILE;

  /** Where more config may lie. */
  private static final String PARTS = "muster.d";

  /** Why a path has no content. */
  public enum Unread {
    NO_FILE(
        "it is a symbolic link or a submodule, which is not followed", "put the file itself there"),
    TOO_LARGE("the file has more than 1 MiB", "spread it over files in muster.d/"),
    TOO_MUCH("all files of the config have more than 8 MiB", "take out what is no config");

    private final String problem;
    private final String hint;

    Unread(String problem, String hint) {
      this.problem = problem;
      this.hint = hint;
    }

    String problem() {
      return problem;
    }

    String hint() {
      return hint;
    }
  }

  public ConfigTree {
    files = Collections.unmodifiableSortedMap(new TreeMap<>(files));
    unread = Collections.unmodifiableSortedMap(new TreeMap<>(unread));
  }

  /** Of files alone. */
  public ConfigTree(SortedMap<String, byte[]> files) {
    this(files, new TreeMap<>());
  }

  /** Whether a path of a repository may hold config if a file or link lies there. */
  public static boolean concerns(String path) {
    return holdsConfig(path) || path.equals(PARTS);
  }

  /**
   * Gathers a tree within its bounds; whoever reads asks first, and holds no more than they say.
   */
  public static final class Builder {
    private final TreeMap<String, byte[]> files = new TreeMap<>();
    private final TreeMap<String, Unread> unread = new TreeMap<>();
    private long sum;

    /** Whether the file of {@code size} bytes at {@code path} is wanted; it is noted if not. */
    public boolean wants(String path, long size) {
      if (size > MOST_OF_A_FILE) {
        unread.put(path, Unread.TOO_LARGE);
      } else if (sum + size > MOST_OF_ALL) {
        unread.put(path, Unread.TOO_MUCH);
      } else {
        sum += size;
        return true;
      }
      return false;
    }

    /** Adds what was wanted. */
    public void file(String path, byte[] content) {
      files.put(path, content);
    }

    /** Notes that no file lies there. */
    public void noFile(String path) {
      unread.put(path, Unread.NO_FILE);
    }

    /** What was gathered. */
    public ConfigTree build() {
      return new ConfigTree(files, unread);
    }
  }

  /** Whether a path of a repository is worth reading at all. */
  public static boolean holdsConfig(String path) {
    return MAIN_FILES.contains(path) || (path.startsWith(PARTS + "/") && isYaml(path));
  }

  /** The main file is the first of these that exists. */
  public static final java.util.List<String> MAIN_FILES =
      java.util.List.of("muster.yml", ".github/muster.yml", ".github/runs-fleet.yml");

  private static boolean isYaml(String path) {
    return path.indexOf('/', PARTS.length() + 1) < 0 && path.endsWith(".yml");
  }
}
