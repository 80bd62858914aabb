package dev.muster.config;

import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.apache.commons.text.similarity.LevenshteinDistance;

/** The name that was probably meant. */
final class Similar {
  /** Beyond so many known names a hint does not list them. */
  private static final int LISTED = 12;

  /** What is longer than this is no slip of the hand, and costly to compare. */
  private static final int LONGEST = 100;

  private Similar() {}

  /** {@code did you mean "x"?}, else the known names where they are few. */
  static Optional<String> hint(String name, Iterable<String> known) {
    Optional<String> nearest = nearest(name, known).map(near -> "did you mean \"" + near + "\"?");
    return nearest.isPresent() ? nearest : listed(known);
  }

  /** At most a third of the letters differ. */
  static Optional<String> nearest(String name, Iterable<String> known) {
    if (name.isEmpty() || name.length() > LONGEST) {
      return Optional.empty();
    }
    String wanted = name.toLowerCase(Locale.ROOT);
    int allowed = Math.max(1, wanted.length() / 3);
    LevenshteinDistance distance = new LevenshteinDistance(allowed);
    String best = null;
    int least = allowed + 1;
    for (String candidate : known) {
      if (Math.abs(candidate.length() - wanted.length()) > allowed) {
        continue;
      }
      int far = distance.apply(wanted, candidate.toLowerCase(Locale.ROOT));
      if (far >= 0 && far < least) {
        best = candidate;
        least = far;
      }
    }
    return Optional.ofNullable(best);
  }

  private static Optional<String> listed(Iterable<String> known) {
    String names =
        StreamSupport.stream(known.spliterator(), false)
            .limit(LISTED + 1L)
            .collect(Collectors.joining(", "));
    boolean few =
        StreamSupport.stream(known.spliterator(), false).limit(LISTED + 1L).count() <= LISTED;
    return names.isEmpty() || !few ? Optional.empty() : Optional.of("known here: " + names);
  }
}
