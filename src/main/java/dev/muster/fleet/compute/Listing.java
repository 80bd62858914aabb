package dev.muster.fleet.compute;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The machines of a region, as far as they can be seen.
 *
 * @param machines each that is there and not gone
 * @param hidden what cannot be looked into now; of its machines nothing is known
 */
public record Listing(List<Instance> machines, List<Hidden> hidden) {
  /**
   * An account that does not answer while the others do.
   *
   * @param launches whose machines live there
   * @param why with the operation, what was said, and the way out
   */
  public record Hidden(Set<String> launches, String why) {}

  /** Why a launch's machines may be there unseen; empty where each would be seen. */
  public Optional<String> hides(String launch) {
    return hidden.stream()
        .filter(account -> account.launches().contains(launch))
        .map(Hidden::why)
        .findFirst();
  }

  /** Everything is seen. */
  public static Listing of(List<Instance> machines) {
    return new Listing(machines, List.of());
  }
}
