package dev.muster.config.git;

import java.util.Optional;
import org.eclipse.jgit.transport.CredentialItem;
import org.eclipse.jgit.transport.CredentialsProvider;
import org.eclipse.jgit.transport.URIish;
import org.jspecify.annotations.Nullable;

/**
 * Answers JGit when a remote wants to know who we are, for one command. JGit asks again after a
 * refusal; a token that can be had anew is, once.
 */
final class Doorkeeper extends CredentialsProvider {
  /** GitHub's user of tokens; others take any. */
  private static final String USER = "x-access-token";

  private final URIish url;
  private final GitCredentials credentials;
  private GitCredentials.@Nullable Credential given;
  private boolean anew;

  Doorkeeper(URIish url, GitCredentials credentials) {
    this.url = url;
    this.credentials = credentials;
  }

  /** What was given last, for the message when that was refused. */
  Optional<GitCredentials.Credential> given() {
    return Optional.ofNullable(given);
  }

  @Override
  public boolean isInteractive() {
    return false;
  }

  @Override
  public boolean supports(CredentialItem... items) {
    for (CredentialItem item : items) {
      if (!(item instanceof CredentialItem.Username)
          && !(item instanceof CredentialItem.Password)) {
        return false;
      }
    }
    return true;
  }

  @Override
  public boolean get(URIish asking, CredentialItem... items) {
    // A redirection elsewhere is followed; our secrets are not sent there.
    if (!supports(items) || !sameHost(asking) || anew) {
      return false;
    }
    GitCredentials.Credential before = given;
    GitCredentials.Credential now = credentials.current().orElse(null);
    if (now == null || now.equals(before)) {
      return false;
    }
    anew = before != null;
    given = now;
    for (CredentialItem item : items) {
      switch (item) {
        case CredentialItem.Username user ->
            user.setValue(url.getUser() == null ? USER : url.getUser());
        case CredentialItem.Password password -> password.setValue(now.secret().toCharArray());
        default -> throw new IllegalStateException("Only what is supported gets here");
      }
    }
    return true;
  }

  @Override
  public void reset(URIish refusing) {
    given().ifPresent(credentials::refused);
  }

  private boolean sameHost(URIish asking) {
    return url.getHost() != null
        && url.getHost().equalsIgnoreCase(asking.getHost())
        && url.getPort() == asking.getPort()
        && String.valueOf(url.getScheme()).equals(asking.getScheme());
  }
}
