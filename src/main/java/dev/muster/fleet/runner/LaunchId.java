package dev.muster.fleet.runner;

import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;

/** Names a launch for ever; it is also the client token with which the cloud knows a repeat. */
public record LaunchId(String value) {
  private static final Pattern FORM = Pattern.compile("launch-[0-9a-z]{16}");

  public LaunchId {
    if (!FORM.matcher(value).matches()) {
      throw new IllegalArgumentException("Not a launch's id: " + value);
    }
  }

  /** The launch that {@code text} names; empty when it names none. */
  public static Optional<LaunchId> read(String text) {
    return FORM.matcher(text).matches() ? Optional.of(new LaunchId(text)) : Optional.empty();
  }

  public static LaunchId random(RandomGenerator random) {
    return new LaunchId("launch-" + Ids.random(random, 16));
  }

  @Override
  public String toString() {
    return value;
  }
}
