package dev.muster.status.api;

import dev.muster.kernel.http.ErrorBody;
import dev.muster.kernel.http.HttpProblem;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Which part of a list is wanted.
 *
 * @param limit the most items, 1 to 1,000
 * @param before the {@code next} of the part before this one; empty for the newest
 */
public record Slice(int limit, Optional<String> before) {
  private static final int STANDARD = 100;
  private static final int MOST = 1_000;

  /**
   * Reads the parameters of a query.
   *
   * @throws HttpProblem 400 for a limit that is none
   */
  public static Slice of(Optional<String> limit, Optional<String> before) {
    return new Slice(limit.map(Slice::limit).orElse(STANDARD), before);
  }

  /** The newest items. */
  public static Slice newest(int limit) {
    return new Slice(limit, Optional.empty());
  }

  private static int limit(String text) {
    long limit = number("limit", text);
    if (limit < 1 || limit > MOST) {
      throw bad("limit", text, "It is a number from 1 to " + MOST);
    }
    return (int) limit;
  }

  /** {@code before} where it is a number; beyond every number for the newest. */
  long beforeNumber() {
    return before.map(text -> number("before", text)).orElse(Long.MAX_VALUE);
  }

  /**
   * A whole number that is not negative.
   *
   * @throws HttpProblem 400 for anything else
   */
  static long number(String parameter, String text) {
    if (!text.matches("[0-9]{1,18}")) {
      throw bad(parameter, text, "It is a whole number");
    }
    return Long.parseLong(text);
  }

  /**
   * The one of {@code values} that a word names.
   *
   * @throws HttpProblem 400, with the words there are, for any other
   */
  static <T> T oneOf(String parameter, String word, T[] values, Function<T, String> wordOf) {
    String wanted = word.toLowerCase(Locale.ROOT);
    return Arrays.stream(values)
        .filter(value -> wordOf.apply(value).equals(wanted))
        .findFirst()
        .orElseThrow(() ->
            bad(
                parameter,
                word,
                "There are "
                    + Arrays.stream(values).map(wordOf).collect(Collectors.joining(", "))));
  }

  static HttpProblem bad(String parameter, String text, String hint) {
    String shown = text.length() <= 60 ? text : text.substring(0, 60) + "…";
    return new HttpProblem(
        new ErrorBody(400, "bad_parameter", "'" + shown + "' is no " + parameter, hint));
  }

  /** One more than wanted is asked for, which tells whether there are more. */
  int andOne() {
    return limit + 1;
  }

  <T> List<T> cut(List<T> found) {
    return found.size() <= limit ? found : found.subList(0, limit);
  }

  /** What the next part begins before; null where this is the last. */
  <T> @Nullable String next(List<T> found, Function<T, Object> cursor) {
    return found.size() <= limit ? null : cursor.apply(found.get(limit - 1)).toString();
  }
}
