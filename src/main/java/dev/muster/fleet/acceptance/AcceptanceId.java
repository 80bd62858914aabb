package dev.muster.fleet.acceptance;

import java.util.HexFormat;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;

/** The id of an acceptance, as in {@code accept-0f3a9c12}; it stands in the labels of its jobs. */
public record AcceptanceId(String value) {
  private static final Pattern FORM = Pattern.compile("accept-[0-9a-f]{8}");

  public AcceptanceId {
    if (!FORM.matcher(value).matches()) {
      throw new IllegalArgumentException("An acceptance's id is as accept-0f3a9c12, not " + value);
    }
  }

  static AcceptanceId random(RandomGenerator random) {
    return new AcceptanceId("accept-" + HexFormat.of().toHexDigits(random.nextInt()));
  }

  @Override
  public String toString() {
    return value;
  }
}
