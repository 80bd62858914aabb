package dev.muster.config.git;

import java.util.Optional;
import java.util.function.Supplier;

/** What a remote repository is entered with; looked up for each call, kept by nobody else. */
public interface GitCredentials {
  /**
   * A secret and what to do when it is refused.
   *
   * @param secret for https a token, given as the password; for ssh a private key
   * @param wayOut for people, as in {@code check the secret config-repo}
   */
  record Credential(String secret, String wayOut) {
    @Override
    public String toString() {
      return "Credential[…, " + wayOut + "]";
    }
  }

  /**
   * What to enter with now; empty where there is nothing. For https it is asked for only once the
   * remote wants to know who we are.
   *
   * @throws dev.muster.kernel.reconcile.TransientException when it cannot be had at the moment
   */
  Optional<Credential> current();

  /** The remote refused it: one that can be had anew is not kept. */
  void refused(Credential credential);

  /** A secret that somebody wrote down, which a refusal does not change. */
  static GitCredentials written(Supplier<Optional<String>> secret) {
    return new GitCredentials() {
      @Override
      public Optional<Credential> current() {
        return secret.get().map(value -> new Credential(value, "check the secret config-repo"));
      }

      @Override
      public void refused(Credential credential) {}
    };
  }
}
