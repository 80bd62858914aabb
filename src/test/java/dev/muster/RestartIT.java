package dev.muster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.fleet.job.Job;
import dev.muster.fleet.job.JobState;
import dev.muster.fleet.runner.Runner;
import dev.muster.fleet.runner.RunnerState;
import dev.muster.fleet.runner.RunnerStore;
import dev.muster.sandbox.JobRequest;
import dev.muster.sandbox.SandboxJob;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a restart of the appliance does to jobs that run, and to jobs that come meanwhile. */
@Timeout(120)
class RestartIT {
  private static final String REPOSITORY = "acme/api";

  @TempDir private Path folder;
  private LocalFleet fleet;

  @BeforeEach
  void prepare() throws Exception {
    fleet = new LocalFleet(folder, Map.of());
  }

  @AfterEach
  void end() throws IOException {
    fleet.close();
  }

  @Test
  void jobThatRunsOutlivesTheApplianceAndEndsTruly() throws Exception {
    Path gate = folder.resolve("gate");
    SandboxJob job =
        fleet
            .sandbox()
            .queueJob(
                REPOSITORY,
                List.of("muster=1/runner=here"),
                List.of("while [ ! -e '" + gate + "' ]; do sleep 0.05; done", "echo through"));
    Job before = fleet.await(job, j -> j.state() == JobState.RUNNING);
    fleet.stop();
    fleet.start();
    Files.createFile(gate);
    Job after = fleet.await(job, j -> j.state() == JobState.COMPLETED);
    assertThat(after.conclusion()).contains("success");
    assertThat(after.runner()).as("the same runner").isEqualTo(before.runner());
    assertThat(after.attempts()).isEqualTo(1);
  }

  @Test
  void deliveryThatWasLostWhileItWasDownIsCaughtUpWith() throws Exception {
    SandboxJob first =
        fleet.sandbox().queueJob(REPOSITORY, List.of("muster=1/runner=here"), List.of("true"));
    fleet.await(first, j -> j.state() == JobState.COMPLETED);
    fleet.stop();
    SandboxJob missed =
        fleet.sandbox().queueJob(REPOSITORY, List.of("muster=2/runner=here"), List.of("true"));
    fleet.sandbox().settle();
    fleet.start();
    Job done = fleet.await(missed, j -> j.state() == JobState.COMPLETED);
    assertThat(done.conclusion()).contains("success");
  }

  @Test
  void rejectedJobIsReportedOnItsCommitOnceAcrossARestart() throws Exception {
    SandboxJob first = rejectedAndReported("nosuch");
    fleet.stop();
    fleet.start();
    SandboxJob second = rejectedAndReported("nowhere");
    assertThat(fleet.sandbox().checks())
        .extracting(check -> check.externalId().orElseThrow())
        .containsExactly("muster-job-" + first.id(), "muster-job-" + second.id());
    assertThat(fleet.sandbox().checks().getFirst().summary())
        .contains("there is no runner 'nosuch'");
  }

  @Test
  void jobOfAForkIsRefusedWhileTheRepositorysOwnIsServed() throws Exception {
    JobRequest request = new JobRequest("test", List.of("muster=1/runner=here"), List.of("true"));
    SandboxJob fork =
        fleet
            .sandbox()
            .queueForkRun(REPOSITORY, Optional.of("mallory/api"), List.of(request))
            .getFirst();
    SandboxJob own =
        fleet.sandbox().queueJob(REPOSITORY, List.of("muster=2/runner=here"), List.of("true"));
    Job refused = fleet.await(fork, j -> j.state() == JobState.REJECTED);
    assertThat(refused.reason()).hasValueSatisfying(r -> assertThat(r).contains("mallory/api"));
    assertThat(refused.attempts()).as("runners assigned to it").isZero();
    assertThat(fleet.await(own, j -> j.state() == JobState.COMPLETED).conclusion())
        .contains("success");
    assertThat(fleet.sandbox().job(fork.id()).orElseThrow().runner()).isEmpty();
  }

  private SandboxJob rejectedAndReported(String runner) {
    SandboxJob job =
        fleet.sandbox().queueJob(REPOSITORY, List.of("muster=1/runner=" + runner), List.of("true"));
    fleet.await(
        job,
        j -> j.state() == JobState.REJECTED && fleet.timelineOf(job).contains("event=reported"));
    return job;
  }

  @Test
  void runnersEndWithTheirJobsAndLeaveNothingAtGitHub() throws Exception {
    SandboxJob job =
        fleet.sandbox().queueJob(REPOSITORY, List.of("muster=1/runner=here"), List.of("false"));
    Job done = fleet.await(job, j -> j.state() == JobState.COMPLETED);
    assertThat(done.conclusion()).contains("failure");
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (System.nanoTime() < end
        && fleet.running().database().read(read -> RunnerStore.living(read, 10)).stream()
            .anyMatch(r -> r.state() != RunnerState.TERMINATED)) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
    }
    List<Runner> left = fleet.running().database().read(read -> RunnerStore.living(read, 10));
    assertThat(left).isEmpty();
    assertThat(fleet.sandbox().runners()).isEmpty();
    try (var live = Files.list(fleet.home().runners().resolve("live"))) {
      assertThat(live).isEmpty();
    }
  }
}
