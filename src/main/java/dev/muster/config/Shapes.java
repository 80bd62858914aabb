package dev.muster.config;

import java.time.Duration;
import java.time.ZoneId;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;

/** The shapes that most keys have. */
public final class Shapes {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]{0,99}");
  private static final Pattern REGION = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]{0,59}");
  private static final Pattern ANY_TEXT = Pattern.compile(".{1,1000}", Pattern.DOTALL);

  private Shapes() {}

  /** Any text that is not empty; a number may stand without quotes and is taken as written. */
  public static Shape<String> text() {
    return new TextShape("text", ANY_TEXT);
  }

  /** Text of one form, which {@code words} tell. */
  public static Shape<String> text(String words, String pattern) {
    return new TextShape(words, Pattern.compile(pattern));
  }

  /** What names of pools, runners, environments and secrets are made of. */
  public static Shape<String> name() {
    return new TextShape("name", NAME);
  }

  /** A name that the rows of what is in the region have room for. */
  public static Shape<String> region() {
    return new TextShape("name", REGION);
  }

  public static Shape<Integer> whole(int min, int max) {
    return new WholeShape<>(min, max, Math::toIntExact, Optional.empty());
  }

  /**
   * A whole number.
   *
   * @param beyond the hint for one outside of the bounds
   */
  public static Shape<Integer> whole(int min, int max, String beyond) {
    return new WholeShape<>(min, max, Math::toIntExact, Optional.of(beyond));
  }

  public static Shape<Long> whole(long min, long max) {
    return new WholeShape<>(min, max, Long::valueOf, Optional.empty());
  }

  public static Shape<Boolean> flag() {
    return new FlagShape();
  }

  /** Another shape, or the word {@code never}. */
  public static <T> Shape<Optional<T>> orNever(Shape<T> shape) {
    return new OrNeverShape<>(shape);
  }

  /** A whole number with its unit: {@code 90s}, {@code 30m}, {@code 6h}, {@code 7d}. */
  public static Shape<Duration> duration(Duration min, Duration max) {
    return new DurationShape(min, max);
  }

  /** A name of the IANA time zone database. */
  public static Shape<ZoneId> zone() {
    return new ZoneShape();
  }

  /** One of a closed set of words. */
  public static <T> Shape<T> choice(List<T> values, Function<T, String> word) {
    return choice(values, word, Map.of());
  }

  /**
   * One of a closed set of words.
   *
   * @param aliases further words that mean one of the values
   */
  public static <T> Shape<T> choice(
      List<T> values, Function<T, String> word, Map<String, T> aliases) {
    Map<String, T> words = new LinkedHashMap<>();
    values.forEach(value -> words.put(word.apply(value), value));
    int named = words.size();
    aliases.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .forEach(alias -> words.put(alias.getKey(), alias.getValue()));
    return new ChoiceShape<>(words, named, word);
  }

  /** A reference to a secret; a literal is refused and never quoted. */
  public static Shape<SecretRef> secret() {
    return new SecretShape();
  }

  /**
   * A map with these keys and no others.
   *
   * @param called for messages: {@code a pool}
   */
  public static Shape<Fields> object(String called, List<Key<?>> keys) {
    return new ObjectShape(called, keys);
  }

  public static <T> Shape<List<T>> list(Shape<T> item) {
    return new ListShape<>(item, 0, Integer.MAX_VALUE, false);
  }

  public static <T> Shape<List<T>> list(Shape<T> item, int min, int max) {
    return new ListShape<>(item, min, max, false);
  }

  /** A list, or its only item by itself. */
  public static <T> Shape<List<T>> oneOrMore(Shape<T> item, int max) {
    return new ListShape<>(item, 1, max, true);
  }

  /** A map from names that the user chooses; the values carry the places of their keys. */
  public static <T> Shape<Map<String, Located<T>>> map(Shape<String> name, Shape<T> value) {
    return new MapShape<>(name, value);
  }

  /** The same, and where it stands. */
  public static <T> Shape<Located<T>> located(Shape<T> shape) {
    return new LocatedShape<>(shape);
  }
}
