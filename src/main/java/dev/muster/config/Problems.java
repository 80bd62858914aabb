package dev.muster.config;

import dev.muster.config.Problem.Severity;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Collects what is wrong, so that one look at a config shows all of it. */
public final class Problems {
  /** More than anyone reads; a file of nothing but mistakes must not fill the memory. */
  static final int MOST = 1000;

  private static final int LONGEST = 400;
  private static final Pattern UNPRINTABLE = Pattern.compile("[\\p{Cntrl}\\x{2028}\\x{2029}]");

  private final List<Problem> found = new ArrayList<>();
  private int beyond;

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

  /** In the order of files and lines; what came after the first 1,000 is only counted. */
  public List<Problem> inOrder() {
    List<Problem> ordered = new ArrayList<>(found);
    ordered.sort(
        Comparator.comparing(Problem::file)
            .thenComparingInt(Problem::line)
            .thenComparingInt(Problem::column));
    if (beyond > 0) {
      ordered.add(
          new Problem(
              ordered.getLast().file(),
              0,
              0,
              Severity.ERROR,
              "%,d more problems".formatted(beyond),
              Optional.of("mend these first")));
    }
    return ordered;
  }

  /** One line of bounded length: keys and values are quoted in it, and go to terminals. */
  private static String printable(String text) {
    String line = UNPRINTABLE.matcher(text).replaceAll("\uFFFD");
    return line.length() <= LONGEST ? line : line.substring(0, LONGEST) + "…";
  }

  private void add(Place place, Severity severity, String message, Optional<String> hint) {
    if (found.size() == MOST) {
      beyond++;
      return;
    }
    found.add(
        new Problem(
            place.file(),
            place.line(),
            place.column(),
            severity,
            printable(message),
            hint.map(Problems::printable)));
  }
}
