package dev.muster.config.aws;

import dev.muster.config.SecretRef;
import java.util.Optional;

/** One of AWS's stores of secrets, asked at each call. */
interface SecretStore {
  /** Where it keeps this secret, for people: {@code SSM parameter /muster/github-webhook}. */
  String place(SecretRef ref);

  /**
   * The value as it is now; empty where there is none of this name.
   *
   * @throws dev.muster.kernel.reconcile.StalledException when the store refuses, as without a
   *     permission
   * @throws dev.muster.kernel.reconcile.TransientException when it cannot answer at the moment
   */
  Optional<String> read(SecretRef ref);
}
