package dev.muster.fleet.github;

import dev.muster.config.git.GitCredentials;
import dev.muster.kernel.reconcile.StalledException;
import dev.muster.kernel.reconcile.TransientException;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.util.Optional;

/**
 * Enters a repository as the App's installation at its owner, where nobody wrote a secret down for
 * it. A token goes to the GitHub that the App belongs to and nowhere else.
 */
public final class AppGitCredentials implements GitCredentials {
  private final GitCredentials written;
  private final String url;
  private final GitHubClient client;

  /**
   * @param written comes first
   * @param url of the repository, as git takes it
   * @param client knows the App
   */
  public AppGitCredentials(GitCredentials written, String url, GitHubClient client) {
    this.written = written;
    this.url = url;
    this.client = client;
  }

  @Override
  public Optional<Credential> current() {
    return written.current().or(() -> repository().map(this::token));
  }

  private Credential token(Repository repository) {
    try {
      return new Credential(
          client.token(repository.owner()),
          "give the App contents (read) and its installation at %s the repository %s, or add the secret config-repo"
              .formatted(repository.owner(), repository.name()));
    } catch (StalledException e) {
      // What mends it happens at GitHub, which does not tell us: it is tried again.
      throw new TransientException(
          "The config repository %s cannot be entered as the App: %s; or add the secret config-repo"
              .formatted(repository, e.getMessage()),
          e);
    }
  }

  @Override
  public void refused(Credential credential) {
    written.refused(credential);
    repository().ifPresent(repository -> client.forgetToken(repository.owner()));
  }

  /** Empty where it does not lie at the App's GitHub, or there is no App. */
  private Optional<Repository> repository() {
    return client.configured() ? at(url, client.site()) : Optional.empty();
  }

  /** The repository that an address names at a GitHub; empty when it lies elsewhere. */
  static Optional<Repository> at(String url, URI site) {
    try {
      URI address = new URI(url);
      String[] path =
          String.valueOf(address.getPath()).replaceFirst("\\.git/?$", "").split("/", -1);
      return encrypted(address)
              && site.getScheme().equalsIgnoreCase(address.getScheme())
              && site.getHost().equalsIgnoreCase(address.getHost())
              && site.getPort() == address.getPort()
              && path.length >= 3
          ? Optional.of(new Repository(path[1], path[2]))
          : Optional.empty();
    } catch (URISyntaxException | IllegalArgumentException e) {
      return Optional.empty(); // git@host:path, or no repository of GitHub's
    }
  }

  /** Plain HTTP is for stand-ins on this machine. */
  private static boolean encrypted(URI address) {
    try {
      return "https".equalsIgnoreCase(address.getScheme())
          || (address.getHost() != null
              && InetAddress.getByName(address.getHost()).isLoopbackAddress());
    } catch (UnknownHostException e) {
      return false;
    }
  }
}
