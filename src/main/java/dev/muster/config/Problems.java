package dev.muster.config;

import dev.muster.config.Problem.Severity;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Collects what is wrong, so that one look at a config shows all of it. */
public final class Problems {
  private final List<Problem> found = new ArrayList<>();

  public void error(Place place, String message) {
    add(place, Severity.ERROR, message, Optional.empty());
  }

  public void error(Place place, String message, String hint) {
    add(place, Severity.ERROR, message, Optional.of(hint));
  }

  public void error(Place place, String message, Optional<String> hint) {
    add(place, Severity.ERROR, message, hint);
  }

  public void warning(Place place, String message, String hint) {
    add(place, Severity.WARNING, message, Optional.of(hint));
  }

  /** A name that stands for nothing; the hint is the nearest known one. */
  public void unknown(Place place, String message, String name, Iterable<String> known) {
    error(place, message, Similar.hint(name, known));
  }

  boolean hasErrors() {
    return found.stream().anyMatch(problem -> problem.severity() == Severity.ERROR);
  }

  /** In the order of files and lines. */
  List<Problem> inOrder() {
    return found.stream()
        .sorted(
            Comparator.comparing(Problem::file)
                .thenComparingInt(Problem::line)
                .thenComparingInt(Problem::column))
        .toList();
  }

  private void add(Place place, Severity severity, String message, Optional<String> hint) {
    found.add(new Problem(place.file(), place.line(), place.column(), severity, message, hint));
  }
}
