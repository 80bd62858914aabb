package dev.muster.fleet.runner;

import dev.muster.fleet.compute.IdentityVerifier;
import java.util.Optional;

/** Who can check what a provider signs about its machines. */
public interface IdentityVerifiers {
  /** The verifier of a provider, built at first use; empty where it signs nothing. */
  Optional<IdentityVerifier> of(String provider);
}
