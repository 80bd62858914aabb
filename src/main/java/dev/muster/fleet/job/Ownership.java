package dev.muster.fleet.job;

import java.util.Optional;

/**
 * Which region a job is at home in: the one whose appliance serves it.
 *
 * @param elsewhere the region, where it is not this one
 * @param epoch rises with each takeover; of two regions that hold a job for theirs the higher has
 *     it
 */
public record Ownership(Optional<String> elsewhere, int epoch) {
  /** Of a job that this region alone knows of. */
  public static final Ownership OURS = new Ownership(Optional.empty(), 0);
}
