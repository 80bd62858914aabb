package dev.muster.fleet.runner;

import java.util.random.RandomGenerator;
import java.util.regex.Pattern;

/** Our name of a runner, unique for ever; also its name at GitHub, as {@code muster-k3f9…}. */
public record RunnerId(String value) {
  private static final Pattern FORM = Pattern.compile("muster-[0-9a-z]{12}");

  public RunnerId {
    if (!FORM.matcher(value).matches()) {
      throw new IllegalArgumentException("Not a runner's id: " + value);
    }
  }

  public static RunnerId random(RandomGenerator random) {
    return new RunnerId("muster-" + Ids.random(random, 12));
  }

  @Override
  public String toString() {
    return value;
  }
}
