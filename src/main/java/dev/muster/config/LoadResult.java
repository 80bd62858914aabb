package dev.muster.config;

import java.util.List;

/** What became of a tree. */
public sealed interface LoadResult {
  /** It is whole and may be put in force. */
  record Accepted(Snapshot snapshot, List<Problem> warnings) implements LoadResult {
    public Accepted {
      warnings = List.copyOf(warnings);
    }
  }

  /** At least one problem is an error; they come in the order of files and lines. */
  record Rejected(Revision revision, List<Problem> problems) implements LoadResult {
    public Rejected {
      problems = List.copyOf(problems);
    }
  }
}
