package dev.muster.fleet.compute.ec2;

import dev.muster.fleet.compute.HourlyPrice;
import dev.muster.fleet.spec.Os;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** On-demand prices of the bundled table: those of one region, and estimates for all others. */
public final class OnDemandPrices {
  private static final String BUNDLED = "/ec2/prices.csv";
  private static final String REGION = "us-east-1";
  private static final Pattern DATE = Pattern.compile("as of (\\d{4}-\\d{2}-\\d{2})");

  /** What the licence of Windows adds for each vCPU and hour, whatever the type. */
  private static final double WINDOWS = 0.046;

  private final Map<String, Double> prices;

  private OnDemandPrices(Map<String, Double> prices) {
    this.prices = Map.copyOf(prices);
  }

  /** Reads the table that the program carries. */
  static OnDemandPrices bundled() {
    String text = text();
    Map<String, Double> prices = new HashMap<>();
    text.lines()
        .filter(line -> !line.startsWith("#"))
        .map(line -> line.split(",", -1))
        .forEach(parts -> prices.put(parts[0], Double.parseDouble(parts[1])));
    return new OnDemandPrices(prices);
  }

  /** The day of the bundled prices, as an ISO date. */
  public static String asOf() {
    return date(text());
  }

  private static String date(String text) {
    Matcher matcher = DATE.matcher(text);
    if (!matcher.find()) {
      throw new IllegalStateException("The program's " + BUNDLED + " does not say its date");
    }
    return matcher.group(1);
  }

  private static String text() {
    try (InputStream in = OnDemandPrices.class.getResourceAsStream(BUNDLED)) {
      if (in == null) {
        throw new IllegalStateException("The program lacks its " + BUNDLED);
      }
      return new String(in.readAllBytes(), StandardCharsets.US_ASCII);
    } catch (IOException e) {
      throw new UncheckedIOException("The program's " + BUNDLED + " cannot be read", e);
    }
  }

  /** Empty for a type that the table does not have. */
  Optional<HourlyPrice> of(String region, InstanceType type, Os os) {
    return Optional.ofNullable(prices.get(type.name()))
        .map(usd ->
            HourlyPrice.of(
                usd + (os == Os.WINDOWS ? WINDOWS * type.cpu() : 0), !region.equals(REGION)));
  }
}
