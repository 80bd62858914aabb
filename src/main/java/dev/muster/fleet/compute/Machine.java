package dev.muster.fleet.compute;

import java.util.Optional;

/**
 * A machine that a launch made.
 *
 * @param id what its provider calls it
 * @param offer what it was bought as; empty where the provider sells nothing
 */
public record Machine(String id, Optional<Offer> offer) {
  public static Machine plain(String id) {
    return new Machine(id, Optional.empty());
  }
}
