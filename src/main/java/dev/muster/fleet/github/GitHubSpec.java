package dev.muster.fleet.github;

import dev.muster.config.SecretRef;
import java.net.URI;
import java.net.URISyntaxException;
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

  /** GitHub's pages and repositories lie beside its API: without {@code api.}, or the path. */
  URI site() {
    return site(apiUrl);
  }

  static URI site(URI apiUrl) {
    return URI.create(
        apiUrl.toString().replaceFirst("^https://api\\.", "https://").replaceFirst("/api/v3$", ""));
  }

  /**
   * The App as a machine knows it, of the GitHub where a repository lies.
   *
   * @param repository an address with https, or with http where a stand-in listens on this machine
   * @return empty where it is neither
   */
  public static Optional<GitHubSpec> ofMachine(String repository, long app, SecretRef privateKey) {
    return apiBeside(repository)
        .map(api -> new GitHubSpec(api, Optional.of(new App(app, privateKey)), List.of()));
  }

  private static Optional<URI> apiBeside(String repository) {
    try {
      URI address = new URI(repository);
      if (address.getHost() == null) {
        return Optional.empty();
      }
      String authority = address.getHost() + (address.getPort() < 0 ? "" : ":" + address.getPort());
      boolean cloud = authority.matches("(?i)(.+\\.)?(github\\.com|ghe\\.com)");
      return switch (String.valueOf(address.getScheme())) {
        case "https" ->
            Optional.of(
                URI.create(
                    cloud ? "https://api." + authority : "https://" + authority + "/api/v3"));
        case "http" -> Optional.of(URI.create("http://" + authority));
        default -> Optional.empty();
      };
    } catch (URISyntaxException e) {
      return Optional.empty(); // as git@github.com:acme/config.git
    }
  }

  /**
   * A GitHub App.
   *
   * @param privateKey names a PEM, PKCS#1 or PKCS#8
   */
  public record App(long id, SecretRef privateKey) {}
}
