package dev.muster.fleet.github;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.sun.net.httpserver.HttpHandler;
import dev.muster.fixture.StandIn;
import dev.muster.fleet.job.JobId;
import dev.muster.kernel.reconcile.StalledException;
import dev.muster.kernel.reconcile.TransientException;
import dev.muster.sandbox.SandboxApp;
import dev.muster.sandbox.SandboxJob;
import dev.muster.sandbox.SandboxSettings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class GitHubClientTest {
  private static final String ACME = "repos/acme/api";

  private final GitHubFixture github = new GitHubFixture();
  private final GitHubRunners runners = new GitHubRunners(github.client);

  @AfterEach
  void close() {
    github.close();
  }

  @Test
  void keepsAnInstallationsTokenUntilShortlyBeforeItsEnd() {
    runners.list(ACME);
    github.pass(Duration.ofMinutes(54));
    runners.list(ACME);
    assertThat(github.calls.count(Operation.GET_TOKEN)).isEqualTo(1);

    github.pass(Duration.ofMinutes(1));
    runners.list(ACME);
    assertThat(github.calls.count(Operation.GET_TOKEN)).isEqualTo(2);
  }

  @Test
  void asksForOneTokenHoweverManyWantIt() throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> all = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        all.add(threads.submit(() -> runners.list(ACME)));
      }
      for (Future<?> one : all) {
        one.get();
      }
    }

    assertThat(github.calls.count(Operation.GET_TOKEN)).isEqualTo(1);
  }

  @Test
  void findsTheInstallationOfAUserToo() {
    try (GitHubFixture users =
        new GitHubFixture(SandboxSettings.DEFAULT.withUsers(Set.of("alice")))) {
      assertThat(new GitHubRunners(users.client).list("repos/alice/blog")).isEmpty();
      assertThat(users.calls.count(Operation.FIND_INSTALLATION)).isEqualTo(2);
    }
  }

  @Test
  void saysThatTheAppIsNotInstalled() {
    try (GitHubFixture strange =
        new GitHubFixture(SandboxSettings.DEFAULT.withStrangers(Set.of("acme")))) {
      GitHubRunners there = new GitHubRunners(strange.client);

      assertThatThrownBy(() -> there.list(ACME))
          .isInstanceOf(StalledException.class)
          .hasMessageContaining("App 4711 is not installed at acme");
    }
  }

  @Test
  void saysThatTheKeyIsMissingOrAnothers() {
    github.secrets.put(GitHubFixture.KEY.name(), SandboxApp.generate(4711).privateKeyPem());
    assertThatThrownBy(() -> runners.list(ACME))
        .isInstanceOf(StalledException.class)
        .hasMessageContaining("check github.app's id and private_key");

    github.secrets.clear();
    assertThatThrownBy(() -> runners.list(ACME))
        .isInstanceOf(StalledException.class)
        .hasMessageContaining("no secret is named 'github-app-key'");
  }

  @Test
  void takesANewTokenWhenGitHubDropsTheOldOne() {
    runners.list(ACME);
    github.sandbox.refuseNext(401, "Bad credentials", Map.of());

    assertThat(runners.list(ACME)).isEmpty();
    assertThat(github.calls.count(Operation.GET_TOKEN)).isEqualTo(2);
  }

  @Test
  void paysNothingForAnAnswerThatDidNotChange() {
    runners.list(ACME);
    long left = remaining();
    runners.list(ACME);
    runners.list(ACME);
    assertThat(remaining()).isEqualTo(left);

    SandboxJob job = github.sandbox.queueJob("acme/api", GitHubFixture.LABELS, List.of("true"));
    runners.register(GitHubFixture.facts(job), "m-1", Optional.empty());
    assertThat(runners.list(ACME)).hasSize(1);
  }

  @Test
  void waitsAsLongAsGitHubAsks() {
    runners.list(ACME);
    github.sandbox.refuseNext(
        403, "You have exceeded a secondary rate limit", Map.of("retry-after", "30"));

    assertThat(waitOf(() -> runners.list(ACME))).contains(Duration.ofSeconds(30));
    github.pass(Duration.ofSeconds(20));
    int calls = github.calls.operations.size();
    assertThat(waitOf(() -> runners.list(ACME))).contains(Duration.ofSeconds(10));
    assertThat(github.calls.operations).as("nothing was sent").hasSize(calls);
    github.pass(Duration.ofSeconds(10));
    assertThat(runners.list(ACME)).isEmpty();
  }

  @Test
  void waitsAMinuteWhereASecondaryLimitNamesNoTime() {
    github.sandbox.refuseNext(429, "secondary rate limit", Map.of());

    assertThat(waitOf(() -> runners.list(ACME))).contains(Duration.ofMinutes(1));
  }

  @Test
  void holdsScansBackWhenRequestsAreScarceAndEverythingWhenTheyAreGone() {
    try (GitHubFixture scarce = new GitHubFixture(SandboxSettings.DEFAULT.withRateLimit(20))) {
      GitHubRunners there = new GitHubRunners(scarce.client);
      GitHubJobs jobs = new GitHubJobs(scarce.client);
      SandboxJob job = scarce.sandbox.queueJob("acme/api", GitHubFixture.LABELS, List.of("true"));
      for (int i = 1; i < 20; i++) {
        assertThat(jobs.job("acme/api", new JobId(i))).isInstanceOf(GitHubJobs.Lookup.Gone.class);
      }

      assertThatThrownBy(() -> jobs.queued("acme/api"))
          .isInstanceOf(TransientException.class)
          .hasMessageContaining("less than a tenth");
      assertThat(there.list(ACME)).isEmpty();
      assertThat(waitOf(() -> there.list(ACME))).contains(Duration.ofHours(1));
      assertThat(there.register(GitHubFixture.facts(job), "m-1", Optional.empty()).githubId())
          .as("registrations have an hour of their own")
          .isPositive();

      scarce.pass(Duration.ofHours(1));
      assertThat(jobs.queued("acme/api")).hasSize(1);
    }
  }

  @Test
  void triesAgainWhenGitHubIsInTrouble() {
    github.sandbox.refuseNext(502, "Server Error", Map.of());

    assertThatThrownBy(() -> runners.list(ACME))
        .isInstanceOf(TransientException.class)
        .hasMessageContaining("find the App's installation (acme): answered 502");
  }

  @Test
  void saysWhichPermissionIsMissing() {
    runners.list(ACME);
    github.sandbox.refuseNext(403, "Resource not accessible by integration", Map.of());

    assertThatThrownBy(() -> runners.list(ACME))
        .isInstanceOf(StalledException.class)
        .hasMessageContaining("list the runners (repos/acme/api): answered 403")
        .hasMessageContaining("give the App this permission");
  }

  @Test
  void triesAgainWhenNobodyAnswers() throws IOException {
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    try (GitHubClient nowhere = github.client(URI.create("http://127.0.0.1:" + port))) {
      assertThatThrownBy(() -> new GitHubRunners(nowhere).list(ACME))
          .isInstanceOf(TransientException.class)
          .hasMessageContaining("no answer from 127.0.0.1:" + port);
    }
  }

  @Test
  void looksAJobUpAndRerunsItOnceItsRunIsClosed() {
    GitHubJobs jobs = new GitHubJobs(github.client);
    SandboxJob job = github.sandbox.queueJob("acme/api", GitHubFixture.LABELS, List.of("true"));
    JobId id = new JobId(job.id());

    assertThat(jobs.job("acme/api", id))
        .isInstanceOfSatisfying(
            GitHubJobs.Lookup.Known.class, known -> assertThat(known.status()).isEqualTo("queued"));
    assertThat(jobs.job("acme/api", new JobId(1))).isEqualTo(new GitHubJobs.Lookup.Gone());
    assertThat(jobs.rerun("acme/api", id)).isEqualTo(GitHubJobs.Rerun.REFUSED);

    github.sandbox.cancelJob(job.id());
    assertThat(jobs.rerunFailed("acme/api", job.runId())).isEqualTo(GitHubJobs.Rerun.ACCEPTED);
    assertThat(jobs.queued("acme/api"))
        .singleElement()
        .satisfies(again -> {
          assertThat(again.id()).isNotEqualTo(id);
          assertThat(again.runAttempt()).isEqualTo(2);
          assertThat(again.labels()).isEqualTo(GitHubFixture.LABELS);
          assertThat(again.privateRepository()).isTrue();
        });
  }

  @Test
  void takesALimitForALimitWhereTheSameStatusMeansNo() {
    GitHubJobs jobs = new GitHubJobs(github.client);
    runners.list(ACME);
    github.sandbox.refuseNext(403, "You have exceeded a secondary rate limit", Map.of());

    assertThat(waitOf(() -> jobs.rerun("acme/api", new JobId(1)))).contains(Duration.ofMinutes(1));
  }

  @Test
  void keepsThePathOfAnEnterpriseServerAndSendsNoTokenElsewhere() throws IOException {
    List<String> paths = new CopyOnWriteArrayList<>();
    HttpHandler answers =
        exchange -> {
          paths.add(exchange.getRequestURI().getPath());
          exchange.getResponseHeaders().add("Link", "<http://elsewhere.test/x>; rel=\"next\"");
          StandIn.answer(exchange, 200, "[]");
        };
    try (StandIn server = StandIn.start(answers);
        GitHubClient enterprise = github.client(server.url().resolve("/api/v3"))) {
      assertThat(new HookDeliveries(enterprise).since(OptionalLong.empty(), github.now()))
          .isEmpty();
    }
    assertThat(paths).containsExactly("/api/v3/app/hook/deliveries");
  }

  private long remaining() {
    return github.calls.remaining.getOrDefault("app 4711 at acme", -1L);
  }

  private static Optional<Duration> waitOf(
      org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    return catchThrowableOfType(TransientException.class, call).retryAfter();
  }
}
