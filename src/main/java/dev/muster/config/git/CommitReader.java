package dev.muster.config.git;

import dev.muster.config.ConfigRepository.Commit;
import dev.muster.config.ConfigTree;
import dev.muster.config.Revision;
import java.io.IOException;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.FileMode;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectReader;
import org.eclipse.jgit.lib.PersonIdent;
import org.eclipse.jgit.revwalk.RevCommit;
import org.eclipse.jgit.revwalk.RevWalk;
import org.eclipse.jgit.treewalk.TreeWalk;

/** Reads the config files of a commit, and nothing else of it. */
final class CommitReader {
  private CommitReader() {}

  static Commit read(ObjectReader reader, String source, ObjectId id) throws IOException {
    try (RevWalk walk = new RevWalk(reader)) {
      RevCommit commit = walk.parseCommit(id);
      ConfigTree.Builder config = new ConfigTree.Builder();
      try (TreeWalk tree = new TreeWalk(reader)) {
        tree.addTree(commit.getTree());
        tree.setRecursive(true);
        while (tree.next()) {
          String path = tree.getPathString();
          if (ConfigTree.concerns(path)) {
            if (!isFile(tree.getFileMode(0))) {
              config.noFile(path);
            } else if (ConfigTree.holdsConfig(path)) {
              add(config, path, reader, tree.getObjectId(0));
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
          config.build());
    }
  }

  private static boolean isFile(FileMode mode) {
    return mode.equals(FileMode.REGULAR_FILE) || mode.equals(FileMode.EXECUTABLE_FILE);
  }

  /** A few packed kilobytes can be many megabytes, under many names: asked before it is opened. */
  private static void add(ConfigTree.Builder config, String path, ObjectReader reader, ObjectId id)
      throws IOException {
    if (config.wants(path, reader.getObjectSize(id, Constants.OBJ_BLOB))) {
      config.file(path, reader.open(id, Constants.OBJ_BLOB).getBytes());
    }
  }
}
