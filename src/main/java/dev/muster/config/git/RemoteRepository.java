package dev.muster.config.git;

import dev.muster.config.ConfigRepository;
import dev.muster.kernel.reconcile.StalledException;
import dev.muster.kernel.reconcile.TransientException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.sshd.common.NamedResource;
import org.apache.sshd.common.util.security.SecurityUtils;
import org.eclipse.jgit.api.Git;
import org.eclipse.jgit.api.TransportCommand;
import org.eclipse.jgit.api.errors.GitAPIException;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectReader;
import org.eclipse.jgit.lib.Ref;
import org.eclipse.jgit.transport.RefSpec;
import org.eclipse.jgit.transport.SshTransport;
import org.eclipse.jgit.transport.TagOpt;
import org.eclipse.jgit.transport.URIish;
import org.eclipse.jgit.transport.sshd.SshdSessionFactory;
import org.eclipse.jgit.transport.sshd.SshdSessionFactoryBuilder;

/**
 * A repository elsewhere: https, ssh or file. Its newest commit is asked for by name alone, and
 * fetched without its history when it is new.
 */
public final class RemoteRepository implements ConfigRepository {
  private static final int TIMEOUT_SECONDS = 20;
  private static final String FETCHED = "refs/muster/fetched";

  private final URIish url;
  private final String branch;
  private final GitCredentials credentials;
  private final BareRepository cache;
  private final Path folder;

  /**
   * Opens the local copy, which holds what was fetched, when it is first asked.
   *
   * @param folder of the copy
   * @throws IllegalArgumentException when {@code url} is none that git knows
   */
  public RemoteRepository(String url, String branch, GitCredentials credentials, Path folder) {
    try {
      this.url = new URIish(url);
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(
          "--config-url is not a git URL: " + e.getReason() + "; use https://, ssh:// or file://",
          e);
    }
    this.branch = branch;
    this.credentials = credentials;
    this.cache = new BareRepository(folder, Optional.empty());
    this.folder = folder;
  }

  @Override
  public String source() {
    return url.setPass(null).setUser(null).toString();
  }

  @Override
  public boolean remote() {
    return true;
  }

  @Override
  public Optional<String> head() {
    String name = Constants.R_HEADS + branch;
    return entered(Git.lsRemoteRepository().setRemote(url.toString()).setHeads(true)).stream()
        .filter(ref -> ref.getName().equals(name))
        .map(Ref::getObjectId)
        .map(ObjectId::name)
        .findFirst();
  }

  @Override
  public Commit read(String id) {
    try (Git git = Git.wrap(cache.get())) {
      entered(
          git.fetch()
              .setRemote(url.toString())
              .setRefSpecs(new RefSpec("+" + Constants.R_HEADS + branch + ":" + FETCHED))
              .setTagOpt(TagOpt.NO_TAGS)
              .setDepth(1));
      try (ObjectReader reader = git.getRepository().newObjectReader()) {
        return CommitReader.read(reader, source(), ObjectId.fromString(id));
      }
    } catch (IOException e) {
      throw new TransientException(
          "Commit %s of %s was fetched and cannot be read: %s".formatted(id, source(), e), e);
    }
  }

  private <C extends TransportCommand<C, T>, T> T entered(C command) {
    Isolation.install(); // a remote is asked for its newest commit without the local copy
    command.setTimeout(TIMEOUT_SECONDS);
    boolean http = "https".equals(url.getScheme()) || "http".equals(url.getScheme());
    Doorkeeper doorkeeper = new Doorkeeper(url, credentials);
    if (http && url.getPass() == null) {
      command.setCredentialsProvider(doorkeeper);
    } else if (!http) {
      credentials
          .current()
          .map(GitCredentials.Credential::secret)
          .ifPresent(key -> ssh(command, key));
    }
    try {
      return command.call();
    } catch (GitAPIException e) {
      String wayOut =
          doorkeeper
              .given()
              .map(GitCredentials.Credential::wayOut)
              .orElse("check the secret config-repo");
      throw new TransientException(
          "The config repository %s cannot be read: %s; check --config-url and the network; %s"
              .formatted(source(), e.getMessage(), wayOut),
          e);
    }
  }

  private void ssh(TransportCommand<?, ?> command, String privateKey) {
    SshdSessionFactory ssh = ssh(privateKey);
    command.setTransportConfigCallback(transport -> {
      if (transport instanceof SshTransport s) {
        s.setSshSessionFactory(ssh);
      }
    });
  }

  private SshdSessionFactory ssh(String privateKey) {
    List<KeyPair> identities = identities(privateKey);
    // Its own home: what the account's ssh configuration says must not matter. Known hosts are read
    // from, and must be put into, .ssh/known_hosts there.
    Path home = folder.resolveSibling("ssh");
    return new SshdSessionFactoryBuilder()
        .setHomeDirectory(home.toFile())
        .setSshDirectory(home.resolve(".ssh").toFile())
        .setDefaultKeysProvider(directory -> identities)
        .build(null);
  }

  private static List<KeyPair> identities(String privateKey) {
    List<KeyPair> identities = new ArrayList<>();
    try {
      Iterable<KeyPair> keys =
          SecurityUtils.loadKeyPairIdentities(
              null,
              NamedResource.ofName("config-repo"),
              new ByteArrayInputStream(privateKey.getBytes(StandardCharsets.UTF_8)),
              null);
      if (keys != null) { // which nothing says that it may be
        keys.forEach(identities::add);
      }
    } catch (IOException | GeneralSecurityException e) {
      throw noKey(e.getClass().getSimpleName());
    }
    if (identities.isEmpty()) {
      throw noKey("nothing of it reads like one");
    }
    return identities;
  }

  private static StalledException noKey(String why) {
    return new StalledException(
        "The secret config-repo is not a private key that ssh knows: "
            + why
            + "; put one there as ssh-keygen writes it, without a passphrase",
        null);
  }

  @Override
  public void close() {
    cache.close();
  }
}
