package dev.muster.fleet.compute;

import java.util.Optional;

/** Checks what a provider signed about a machine. Asks nobody; never throws. */
public interface IdentityVerifier {
  /**
   * What a machine says of itself, and what we know of its launch.
   *
   * @param instance the provider's id of the machine
   * @param launch that it says it is of
   * @param region of that launch
   */
  record Claim(String instance, String launch, String region) {}

  /** What came of the check. */
  sealed interface Verdict {
    /** The provider says that it is this machine. */
    record Proven() implements Verdict {}

    /** The document is not what the provider signed, or is another machine's. */
    record Refuted(String reason) implements Verdict {}

    /** It cannot be checked here; {@code reason} names the way out. */
    record Undecided(String reason) implements Verdict {}
  }

  /**
   * Checks a signed document.
   *
   * @param document as the machine sent it; empty where it sent none
   */
  Verdict verify(Claim claim, Optional<String> document);
}
