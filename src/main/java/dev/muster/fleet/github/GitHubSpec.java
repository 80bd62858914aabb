package dev.muster.fleet.github;

import dev.muster.config.SecretRef;
import java.net.URI;
import java.util.List;
import java.util.Optional;

/**
 * How GitHub is reached.
 *
 * @param apiUrl {@code https://api.github.com} or a GitHub Enterprise Server's, without a slash at
 *     its end
 * @param app empty while no App is named: webhooks are taken, nothing is asked
 * @param webhookSecrets at most two that are live while one is being replaced
 */
public record GitHubSpec(URI apiUrl, Optional<App> app, List<SecretRef> webhookSecrets) {
  public static final URI PUBLIC = URI.create("https://api.github.com");

  public GitHubSpec {
    webhookSecrets = List.copyOf(webhookSecrets);
  }

  /**
   * A GitHub App.
   *
   * @param privateKey names a PEM, PKCS#1 or PKCS#8
   */
  public record App(long id, SecretRef privateKey) {}
}
