package dev.muster.config.git;

import dev.muster.config.ConfigRepository.Commit;
import dev.muster.config.ConfigTree;
import dev.muster.config.Revision;
import java.io.IOException;
import java.util.TreeMap;
import java.util.TreeSet;
import org.eclipse.jgit.lib.FileMode;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectLoader;
import org.eclipse.jgit.lib.ObjectReader;
import org.eclipse.jgit.lib.PersonIdent;
import org.eclipse.jgit.revwalk.RevCommit;
import org.eclipse.jgit.revwalk.RevWalk;
import org.eclipse.jgit.treewalk.TreeWalk;

/** Reads the config files of a commit, and nothing else of it. */
final class CommitReader {
  /** A file may be larger than the loader accepts by this much, so that the loader can say so. */
  private static final long MOST = 8L << 20;

  private CommitReader() {}

  static Commit read(ObjectReader reader, String source, ObjectId id) throws IOException {
    try (RevWalk walk = new RevWalk(reader)) {
      RevCommit commit = walk.parseCommit(id);
      TreeMap<String, byte[]> files = new TreeMap<>();
      TreeSet<String> others = new TreeSet<>();
      try (TreeWalk tree = new TreeWalk(reader)) {
        tree.addTree(commit.getTree());
        tree.setRecursive(true);
        while (tree.next()) {
          String path = tree.getPathString();
          if (ConfigTree.holdsConfig(path)) {
            if (isFile(tree.getFileMode(0))) {
              files.put(path, content(reader, tree.getObjectId(0)));
            } else {
              others.add(path);
            }
          }
        }
      }
      PersonIdent author = commit.getAuthorIdent();
      return new Commit(
          new Revision(
              id.name(),
              source,
              author.getName() + " <" + author.getEmailAddress() + ">",
              commit.getShortMessage(),
              commit.getCommitterIdent().getWhenAsInstant()),
          new ConfigTree(files, others));
    }
  }

  private static boolean isFile(FileMode mode) {
    return mode.equals(FileMode.REGULAR_FILE) || mode.equals(FileMode.EXECUTABLE_FILE);
  }

  private static byte[] content(ObjectReader reader, ObjectId id) throws IOException {
    ObjectLoader loader = reader.open(id);
    if (loader.getSize() <= MOST) {
      return loader.getBytes(Math.toIntExact(MOST));
    }
    byte[] beginning = new byte[Math.toIntExact(MOST)];
    try (var stream = loader.openStream()) {
      int read = stream.readNBytes(beginning, 0, beginning.length);
      return java.util.Arrays.copyOf(beginning, read);
    }
  }
}
