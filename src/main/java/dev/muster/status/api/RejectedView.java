package dev.muster.status.api;

import dev.muster.config.Problem;
import dev.muster.config.RevisionStore;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A revision that was refused, and why. */
public record RejectedView(
    String revision, String author, String message, Instant at, List<ProblemView> problems) {
  public RejectedView {
    problems = List.copyOf(problems);
  }

  /** A problem as {@code muster validate --format json} gives it. */
  public record ProblemView(
      String file, int line, int column, String severity, String message, @Nullable String hint) {
    static ProblemView of(Problem p) {
      return new ProblemView(
          p.file(), p.line(), p.column(), p.severity().word(), p.message(), p.hint().orElse(null));
    }

    /** Whether it would not have rejected the config alone. */
    public boolean warning() {
      return severity.equals("warning");
    }
  }

  static RejectedView of(RevisionStore.Decided decided) {
    return new RejectedView(
        decided.revision().id(),
        decided.revision().author(),
        decided.revision().message(),
        decided.at(),
        decided.problems().stream().map(ProblemView::of).toList());
  }
}
