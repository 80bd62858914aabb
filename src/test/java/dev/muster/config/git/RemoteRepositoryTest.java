package dev.muster.config.git;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.config.ConfigReconciler;
import dev.muster.config.ConfigRepository;
import dev.muster.config.Configs;
import dev.muster.config.InForce;
import dev.muster.config.LoadResult;
import dev.muster.config.Problem;
import dev.muster.config.git.GitCredentials.Credential;
import dev.muster.kernel.audit.AuditLog;
import dev.muster.kernel.reconcile.Outcome;
import dev.muster.kernel.reconcile.StalledException;
import dev.muster.kernel.reconcile.TransientException;
import dev.muster.kernel.store.StoreFixture;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.apache.sshd.common.config.keys.writer.openssh.OpenSSHKeyPairResourceWriter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Entering a repository elsewhere, with git's own server at the other end. */
class RemoteRepositoryTest {
  private static final String PATH = "/acme/config.git";

  @TempDir private Path folder;
  private HttpGitServer server;
  private final Handed handed = new Handed();

  /** Hands out one token after another, the next when the last was refused. */
  private static final class Handed implements GitCredentials {
    final Deque<String> tokens = new ArrayDeque<>();
    final List<String> refused = new ArrayList<>();
    int asked;

    @Override
    public Optional<Credential> current() {
      asked++;
      return Optional.ofNullable(tokens.peek()).map(t -> new Credential(t, "ask the doorkeeper"));
    }

    @Override
    public void refused(Credential credential) {
      refused.add(credential.secret());
      tokens.poll();
    }
  }

  @BeforeEach
  void serve() throws Exception {
    Path bare = folder.resolve("root" + PATH);
    Path work = Files.createDirectories(folder.resolve("work"));
    git(folder, "init", "--quiet", "--bare", "--initial-branch=main", bare.toString());
    git(work, "init", "--quiet", "--initial-branch=main");
    Files.writeString(work.resolve("muster.yml"), "version: \"1\"\n");
    git(work, "add", "--all");
    git(work, "commit", "--quiet", "--message", "first");
    git(work, "push", "--quiet", bare.toString(), "main");
    server = new HttpGitServer(folder.resolve("root"));
    server.guard("good"::equals);
  }

  @AfterEach
  void close() {
    server.close();
  }

  @Test
  void entersWithTheTokenAndReads() throws Exception {
    handed.tokens.add("good");
    try (RemoteRepository repository = open(server.url(PATH), handed)) {
      String head = repository.head().orElseThrow();
      assertThat(repository.read(head).revision().message()).isEqualTo("first");
      assertThat(repository.source()).doesNotContain("good");
    }
    assertThat(handed.refused).isEmpty();
  }

  @Test
  void fileThatMayBeRunIsReadAndALinkIsSaid() throws Exception {
    Path work = folder.resolve("work");
    Path parts = Files.createDirectories(work.resolve("muster.d"));
    Files.writeString(parts.resolve("a.yml"), "pools:\n");
    Files.createSymbolicLink(parts.resolve("b.yml"), Path.of("..", "muster.yml"));
    git(work, "add", "--all");
    git(work, "update-index", "--chmod=+x", "muster.d/a.yml");
    git(work, "commit", "--quiet", "--message", "second");
    git(work, "push", "--quiet", folder.resolve("root" + PATH).toString(), "main");
    server.open();
    try (RemoteRepository repository = open(server.url(PATH), handed)) {
      ConfigRepository.Commit commit = repository.read(repository.head().orElseThrow());
      assertThat(commit.tree().files()).containsKeys("muster.yml", "muster.d/a.yml");
      assertThat(Configs.loader().load(commit.revision(), commit.tree()))
          .isInstanceOfSatisfying(
              LoadResult.Rejected.class,
              rejected ->
                  assertThat(rejected.problems())
                      .extracting(Problem::toString)
                      .containsExactly(
                          "muster.d/b.yml:0:0: error: it is a symbolic link or a submodule, which is not followed (put the file itself there)"));
    }
  }

  @Test
  void tokenThatExpiredIsReplacedByANewOne() throws Exception {
    handed.tokens.addAll(List.of("expired", "good"));
    try (RemoteRepository repository = open(server.url(PATH), handed)) {
      assertThat(repository.head()).isPresent();
    }
    assertThat(handed.refused).containsExactly("expired");
  }

  @Test
  void tokenThatIsRefusedAnewIsLeftWithTheWayOut() throws Exception {
    handed.tokens.addAll(List.of("bad", "worse", "never tried"));
    try (RemoteRepository repository = open(server.url(PATH), handed)) {
      assertThatThrownBy(repository::head)
          .isInstanceOf(TransientException.class)
          .hasMessageContaining("The config repository " + server.url(PATH) + " cannot be read")
          .hasMessageContaining("not authorized")
          .hasMessageContaining("ask the doorkeeper")
          .message()
          .doesNotContain("worse");
    }
    assertThat(server.passwords()).containsExactly("bad", "worse");
  }

  @Test
  void secretThatSomebodyWroteIsTriedOnce() throws Exception {
    GitCredentials written = GitCredentials.written(() -> Optional.of("mistyped"));
    try (RemoteRepository repository = open(server.url(PATH), written)) {
      assertThatThrownBy(repository::head)
          .isInstanceOf(TransientException.class)
          .hasMessageContaining("check the secret config-repo");
    }
    assertThat(server.passwords()).containsExactly("mistyped");
  }

  @Test
  void nothingToEnterWithIsSaid() throws Exception {
    try (RemoteRepository repository = open(server.url(PATH), handed)) {
      assertThatThrownBy(repository::head)
          .isInstanceOf(TransientException.class)
          .hasMessageContaining("the secret config-repo");
    }
  }

  @Test
  void nobodyIsAskedForASecretWhereTheDoorIsOpen() throws Exception {
    server.open();
    try (RemoteRepository repository = open(server.url(PATH), handed)) {
      assertThat(repository.head()).isPresent();
    }
    assertThat(handed.asked).isZero();
  }

  @Test
  void secretIsNotSentWhereARedirectionLeads() throws Exception {
    handed.tokens.add("good");
    try (HttpGitServer first = new HttpGitServer(folder.resolve("root"))) {
      first.redirectTo(server.url(""));
      try (RemoteRepository repository = open(first.url(PATH), handed)) {
        assertThatThrownBy(repository::head).isInstanceOf(TransientException.class);
      }
    }
    assertThat(server.passwords()).isEmpty();
  }

  @Test
  void keyOpensARepositoryWhoseHostIsKnown() throws Exception {
    KeyPair guest = SshGitServer.keys();
    try (SshGitServer ssh = new SshGitServer(guest.getPublic());
        RemoteRepository repository = open(ssh.url(bare()), written(openSsh(guest)))) {
      assertThatThrownBy(repository::head)
          .as("a host that nobody vouched for")
          .isInstanceOf(TransientException.class)
          .hasMessageContaining("cannot be read");
      ssh.known(folder.resolve("ssh/.ssh/known_hosts"));
      String head = repository.head().orElseThrow();
      assertThat(repository.read(head).revision().message()).isEqualTo("first");
    }
  }

  @Test
  void anotherKeyIsRefusedWithoutAWordOfIt() throws Exception {
    String stranger = openSsh(SshGitServer.keys());
    try (SshGitServer ssh = new SshGitServer(SshGitServer.keys().getPublic());
        RemoteRepository repository = open(ssh.url(bare()), written(stranger))) {
      ssh.known(folder.resolve("ssh/.ssh/known_hosts"));
      assertThatThrownBy(repository::head)
          .isInstanceOf(TransientException.class)
          .hasMessageContaining("check the secret config-repo")
          .message()
          .doesNotContain(stranger.lines().skip(1).findFirst().orElseThrow());
    }
  }

  @Test
  void whatIsNoKeyIsSaid() throws Exception {
    try (SshGitServer ssh = new SshGitServer(SshGitServer.keys().getPublic());
        RemoteRepository repository = open(ssh.url(bare()), written("hunter2"))) {
      assertThatThrownBy(repository::head)
          .isInstanceOf(StalledException.class)
          .hasMessageContaining("The secret config-repo is not a private key")
          .message()
          .doesNotContain("hunter2");
    }
  }

  /** Every thirty seconds its newest commit is asked for, webhook or not. */
  @Test
  void newCommitIsFoundWithoutAWebhook() throws Exception {
    InForce inForce = new InForce();
    try (StoreFixture store = StoreFixture.open(folder.resolve("home"));
        RemoteRepository repository = open("file://" + bare(), handed)) {
      ConfigReconciler reconciler =
          new ConfigReconciler(
              store.database(),
              store.writer(),
              new AuditLog(InstantSource.system()),
              InstantSource.system(),
              repository,
              Configs.loader(),
              inForce,
              (before, after) -> List.of(),
              List.of());
      Outcome outcome = reconciler.reconcile("head", Optional.empty());
      assertThat(outcome).isEqualTo(new Outcome.RequeueAfter(Duration.ofSeconds(30)));
      assertThat(inForce.get().orElseThrow().revision().message()).isEqualTo("first");
      Path work = folder.resolve("work");
      Files.writeString(work.resolve("muster.yml"), "version: \"1\" # again\n");
      git(work, "commit", "--quiet", "--all", "--message", "second");
      git(work, "push", "--quiet", bare().toString(), "main");
      reconciler.reconcile("head", Optional.empty());
      assertThat(inForce.get().orElseThrow().revision().message()).isEqualTo("second");
    }
  }

  private Path bare() {
    return folder.resolve("root" + PATH);
  }

  private static GitCredentials written(String secret) {
    return GitCredentials.written(() -> Optional.of(secret));
  }

  /** As {@code ssh-keygen} writes it. */
  private static String openSsh(KeyPair keys) throws Exception {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    OpenSSHKeyPairResourceWriter.INSTANCE.writePrivateKey(keys, "test", null, text);
    return text.toString(StandardCharsets.UTF_8);
  }

  private RemoteRepository open(String url, GitCredentials credentials) throws IOException {
    return new RemoteRepository(url, "main", credentials, folder.resolve("cache.git"));
  }

  private void git(Path where, String... arguments) throws Exception {
    List<String> command =
        new ArrayList<>(List.of("git", "-c", "user.name=Ada", "-c", "user.email=ada@example.com"));
    command.addAll(List.of(arguments));
    ProcessBuilder builder =
        new ProcessBuilder(command).directory(where.toFile()).redirectErrorStream(true);
    builder.environment().put("HOME", folder.toString());
    builder.environment().put("GIT_CONFIG_NOSYSTEM", "1");
    Process process = builder.start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
  }
}
