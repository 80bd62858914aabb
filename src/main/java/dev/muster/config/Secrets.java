package dev.muster.config;

import java.util.Optional;

/** Looks secrets up by name. */
public interface Secrets {
  /**
   * A secret as it is now.
   *
   * @param place where it stands, for people
   */
  record Found(String value, String place) {
    @Override
    public String toString() {
      return "Found[…, " + place + "]";
    }
  }

  /**
   * The secret as it is now; empty where nothing holds this name.
   *
   * @throws dev.muster.kernel.reconcile.StalledException when a place refuses to be read
   * @throws dev.muster.kernel.reconcile.TransientException when a place cannot be read at the
   *     moment
   */
  Optional<Found> find(SecretRef ref);

  /** Its value alone. */
  default Optional<String> value(SecretRef ref) {
    return find(ref).map(Found::value);
  }
}
