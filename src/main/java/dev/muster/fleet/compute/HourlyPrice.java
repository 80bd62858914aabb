package dev.muster.fleet.compute;

/**
 * What a machine costs while it runs.
 *
 * @param microUsd millionths of a US dollar an hour
 * @param estimated whether it is another region's, or an upper bound
 */
public record HourlyPrice(long microUsd, boolean estimated) {
  private static final double MICROS = 1e6;

  public static HourlyPrice of(double usd, boolean estimated) {
    return new HourlyPrice(Math.round(usd * MICROS), estimated);
  }
}
