package dev.muster.config.git;

import java.util.Optional;

/** What a remote repository is entered with; looked up for each call, kept nowhere. */
public interface GitCredentials {
  /** For https: a token, given as the password. For ssh: a private key. Empty for neither. */
  Optional<String> secret();
}
