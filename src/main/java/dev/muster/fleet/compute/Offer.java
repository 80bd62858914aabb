package dev.muster.fleet.compute;

/**
 * What a cloud sells, and may be out of: a type of machine in a zone, as spot or on demand.
 *
 * @param zone as {@code eu-west-1a}; the subnet where its zone is not known
 */
public record Offer(String type, String zone, boolean spot) {
  /** As {@code spot c7g.xlarge in eu-west-1a}. */
  public String words() {
    return "%s %s in %s".formatted(spot ? "spot" : "on-demand", type, zone);
  }
}
