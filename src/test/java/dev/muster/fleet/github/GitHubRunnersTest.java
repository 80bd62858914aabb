package dev.muster.fleet.github;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.fleet.runner.RunnerRegistry.Registration;
import dev.muster.fleet.runner.RunnerRegistry.Remote;
import dev.muster.fleet.runner.RunnerRegistry.Removal;
import dev.muster.kernel.reconcile.StalledException;
import dev.muster.kernel.reconcile.TransientException;
import dev.muster.sandbox.SandboxJob;
import dev.muster.sandbox.SandboxRegistration;
import dev.muster.sandbox.SandboxRunnerProcess;
import dev.muster.sandbox.SandboxSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GitHubRunnersTest {
  private final GitHubFixture github = new GitHubFixture();
  private final GitHubRunners runners = new GitHubRunners(github.client);

  @AfterEach
  void close() {
    github.close();
  }

  @Test
  void registersAtTheJobsRepositoryWithItsExactLabels() {
    SandboxJob job = queue();

    Registration made = runners.register(GitHubFixture.facts(job), "m-1", Optional.empty());

    assertThat(made.scope()).isEqualTo("repos/acme/api");
    assertThat(github.sandbox.runners())
        .singleElement()
        .satisfies(runner -> {
          assertThat(runner.id()).isEqualTo(made.githubId());
          assertThat(runner.labels()).isEqualTo(GitHubFixture.LABELS);
        });
    assertThat(made.toString()).doesNotContain(made.jitConfig());
  }

  @Test
  void registersInTheRunnerGroupAndAsksForItsNumberOnce() {
    long group = github.sandbox.addRunnerGroup("acme", "prod", Set.of());
    SandboxJob job = queue();

    Registration first = runners.register(GitHubFixture.facts(job), "m-1", Optional.of("prod"));
    runners.register(GitHubFixture.facts(job), "m-2", Optional.of("prod"));

    assertThat(first.scope()).isEqualTo("orgs/acme");
    assertThat(github.sandbox.runners())
        .extracting(SandboxRegistration::groupId)
        .containsExactly(group, group);
    assertThat(github.calls.count(Operation.LIST_GROUPS)).isEqualTo(1);
  }

  @Test
  void saysThatARunnerGroupIsMissing() {
    SandboxJob job = queue();

    assertThatThrownBy(
            () -> runners.register(GitHubFixture.facts(job), "m-1", Optional.of("nosuch")))
        .isInstanceOf(StalledException.class)
        .hasMessageContaining("acme has no runner group 'nosuch'");
  }

  @Test
  void saysThatANameIsInUse() {
    SandboxJob job = queue();
    runners.register(GitHubFixture.facts(job), "m-1", Optional.empty());

    assertThatThrownBy(() -> runners.register(GitHubFixture.facts(job), "m-1", Optional.empty()))
        .isInstanceOf(TransientException.class)
        .hasMessageContaining("register m-1 at repos/acme/api: the name is in use");
  }

  @Test
  void listsAllPages() {
    SandboxJob job = queue();
    for (int i = 0; i < 205; i++) {
      runners.register(GitHubFixture.facts(job), "m-" + i, Optional.empty());
    }

    List<Remote> listed = runners.list("repos/acme/api");

    assertThat(listed).extracting(Remote::name).hasSize(205).doesNotHaveDuplicates();
    assertThat(listed).noneMatch(Remote::online).noneMatch(Remote::busy);
    assertThat(github.calls.count(Operation.LIST_RUNNERS)).isEqualTo(3);
  }

  @Test
  void removesARunnerAndOneThatIsGone() {
    Registration made = runners.register(GitHubFixture.facts(queue()), "m-1", Optional.empty());

    assertThat(runners.remove(made.scope(), made.githubId())).isEqualTo(Removal.REMOVED);
    assertThat(runners.remove(made.scope(), made.githubId())).isEqualTo(Removal.REMOVED);
    assertThat(github.sandbox.runners()).isEmpty();
  }

  @Test
  void leavesABusyRunnerAloneWhateverItsJobWas(@TempDir Path folder) throws Exception {
    SandboxJob other = github.sandbox.queueJob("acme/api", GitHubFixture.LABELS, holdUntil(folder));
    SandboxJob job = queue();
    Registration made = runners.register(GitHubFixture.facts(job), "m-1", Optional.empty());

    try (SandboxRunnerProcess process = SandboxRunnerProcess.start(made.jitConfig(), folder)) {
      process.awaitLine("running job");

      // GitHub dispatches by label: the runner made for one job has taken the other.
      assertThat(github.sandbox.job(other.id()).flatMap(SandboxJob::runner))
          .map(SandboxRegistration::name)
          .contains("m-1");
      assertThat(github.sandbox.job(job.id()).flatMap(SandboxJob::runner)).isEmpty();
      assertThat(runners.remove(made.scope(), made.githubId())).isEqualTo(Removal.BUSY);
      assertThat(runners.list(made.scope())).singleElement().matches(Remote::busy);

      Files.createFile(folder.resolve("go"));
      assertThat(process.awaitExit()).isZero();
    }
    assertThat(runners.remove(made.scope(), made.githubId())).isEqualTo(Removal.REMOVED);
  }

  @Test
  void seesRunnersLateAsGitHubShowsThem() {
    try (GitHubFixture lagging =
        new GitHubFixture(SandboxSettings.DEFAULT.withReadLag(Duration.ofSeconds(5)))) {
      GitHubRunners late = new GitHubRunners(lagging.client);
      SandboxJob job = lagging.sandbox.queueJob("acme/api", GitHubFixture.LABELS, List.of("true"));
      late.register(GitHubFixture.facts(job), "m-1", Optional.empty());

      assertThat(late.list("repos/acme/api")).isEmpty();
      lagging.pass(Duration.ofSeconds(5));
      assertThat(late.list("repos/acme/api")).hasSize(1);
    }
  }

  private static List<String> holdUntil(Path folder) {
    return List.of("while [ ! -e %s/go ]; do sleep 0.05; done".formatted(folder));
  }

  private SandboxJob queue() {
    return github.sandbox.queueJob("acme/api", GitHubFixture.LABELS, List.of("true"));
  }
}
