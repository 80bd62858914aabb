package dev.muster.config;

import java.util.Optional;

/** Looks secrets up by name. */
public interface Secrets {
  /** The value as it is now; empty where nothing holds this name. */
  Optional<String> value(SecretRef ref);
}
