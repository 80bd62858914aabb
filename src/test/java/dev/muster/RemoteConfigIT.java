package dev.muster;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.muster.config.ConfigReconciler;
import dev.muster.config.git.HttpGitServer;
import dev.muster.kernel.queue.WorkItem;
import dev.muster.kernel.queue.WorkQueue;
import dev.muster.sandbox.SandboxApp;
import dev.muster.sandbox.SandboxGitHub;
import dev.muster.sandbox.SandboxSettings;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A private config repository at GitHub, which the appliance enters as its App. */
@Timeout(120)
class RemoteConfigIT {
  private static final String PATH = "/acme/config.git";

  @TempDir private Path folder;
  private volatile Duration ahead = Duration.ZERO;
  private SandboxGitHub sandbox;
  private HttpGitServer git;
  private ApplianceFixture fixture;
  private Path work;
  private int pushes;

  @BeforeEach
  void start() throws Exception {
    SandboxApp app = SandboxApp.generate(1);
    sandbox = SandboxGitHub.start(SandboxSettings.DEFAULT, app, () -> Instant.now().plus(ahead));
    Path root = folder.resolve("root");
    Path owned = Files.createDirectories(root.resolve("acme"));
    git = new HttpGitServer(root);
    git.beside(sandbox.url());
    git.guard(password -> false); // until there is something to find
    String key = app.privateKeyPem().lines().map(l -> "  " + l).collect(Collectors.joining("\n"));
    fixture =
        ApplianceFixture.start(
            folder,
            Map.of("config_url", git.url(PATH), "config_app", "1"),
            "github-app-key: |\n" + key + "\n");
    fixture.git(owned, "init", "--quiet", "--bare", "--initial-branch=main", "config.git");
    work = fixture.workTree("work");
    publish(config());
    git.guard(this::goodToken);
    fixture.awaitReady();
  }

  @AfterEach
  void stop() {
    fixture.close();
    git.close();
    sandbox.close();
  }

  @Test
  void badCommitLeavesTheLastGoodOneInForceAndIsShownWithItsLines() throws Exception {
    String good = await(config -> !config.path("revision").isNull()).path("revision").asText();
    publish(config().replace("slots: 1", "slotz: 1"));
    JsonNode rejected = await(config -> !config.path("rejected").isNull());
    assertThat(rejected.path("revision").asText()).isEqualTo(good);
    assertThat(rejected.path("rejected").path("problems"))
        .anySatisfy(problem -> {
          assertThat(problem.path("file").asText()).isEqualTo("muster.yml");
          assertThat(problem.path("line").asInt()).isEqualTo(5);
          assertThat(problem.path("message").asText()).contains("slotz");
        });
    fixture.awaitReady();

    publish(config() + "pools: [{ name: p1, runner: here }]\n");
    JsonNode mended = await(config -> config.path("rejected").isNull());
    assertThat(mended.path("revision").asText()).isNotEqualTo(good);
  }

  @Test
  void configThatNamesAWrongAppCanStillBeMended() throws Exception {
    publish(config().replace("app: { id: 1,", "app: { id: 2,") + "# wrong\n");
    String wrong = head();
    await(config -> config.path("revision").asText().equals(wrong));
    publish(config() + "# right\n");
    String right = head();
    await(config -> config.path("revision").asText().equals(right));
  }

  @Test
  void tokenIsRenewedWhenItsHourIsOver() throws Exception {
    String before = await(config -> !config.path("revision").isNull()).path("revision").asText();
    ahead = Duration.ofMinutes(61);
    fixture.pass(ahead);
    publish(config() + "pools: [{ name: p1, runner: here }]\n");
    await(config -> !config.path("revision").asText().equals(before));
    assertThat(git.passwords().stream().distinct().count()).isGreaterThan(1);
    assertThat(git.passwords()).allMatch(password -> password.startsWith("ghs_"));
  }

  @Test
  void refusalKeepsTheLastGoodConfigAndNamesTheWayOut() throws Exception {
    git.guard(password -> false);
    publish(config() + "pools: [{ name: p1, runner: here }]\n");
    Optional<String> error = awaitError();
    assertThat(error.orElseThrow())
        .contains("not authorized", "contents (read)", "acme", "or add the secret config-repo")
        .doesNotContain("ghs_");
    fixture.awaitReady();
    fixture.restart();
    fixture.awaitReady();
  }

  private String head() throws Exception {
    return fixture.git(work, "rev-parse", "HEAD").text().strip();
  }

  private boolean goodToken(String password) {
    try {
      return fixture
              .send(
                  HttpRequest.newBuilder(
                          URI.create(sandbox.url() + "/repos/acme/config/actions/runs"))
                      .header("Authorization", "Bearer " + password)
                      .build())
              .statusCode()
          == 200;
    } catch (IOException e) {
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private String config() {
    return ApplianceFixture.CONFIG.replace(
        "github: { ",
        "github: { api_url: \"%s\", app: { id: 1, private_key: { secret: github-app-key } }, "
            .formatted(git.url("")));
  }

  /** Pushes to the remote and tells the appliance by a webhook. */
  private void publish(String config) throws Exception {
    fixture.commit(work, config);
    ApplianceFixture.Said said =
        fixture.git(work, "push", "--quiet", folder.resolve("root" + PATH).toString(), "main");
    assertThat(said.exitCode()).as(said.text()).isZero();
    byte[] body =
        """
        {"ref": "refs/heads/main", "after": "%s", "repository": {"full_name": "acme/config"},
         "nonce": %d}
        """
            .formatted("0".repeat(40), pushes)
            .getBytes(StandardCharsets.UTF_8);
    int status =
        fixture.send(fixture.delivery("push-" + pushes++, "push", body).build()).statusCode();
    // Before the first config there is no webhook secret: the appliance asks by itself then.
    assertThat(status).isIn(202, 503);
  }

  private JsonNode status() throws Exception {
    HttpRequest request = HttpRequest.newBuilder(fixture.admin("/api/v1/status")).build();
    return new ObjectMapper().readTree(fixture.send(request).body()).path("config");
  }

  private JsonNode await(Predicate<JsonNode> condition) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    JsonNode config = status();
    while (!condition.test(config)) {
      assertThat(System.nanoTime()).as(config.toString()).isLessThan(end);
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
      config = status();
    }
    return config;
  }

  private Optional<String> awaitError() {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    Optional<String> error = Optional.empty();
    while (error.isEmpty() && System.nanoTime() < end) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
      error =
          fixture
              .appliance()
              .database()
              .read(read -> WorkQueue.find(read, ConfigReconciler.KEY))
              .flatMap(WorkItem::lastError);
    }
    return error;
  }
}
