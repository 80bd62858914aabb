package dev.muster.fleet.pool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.config.SecretRef;
import dev.muster.config.Secrets;
import dev.muster.fleet.github.GitHubClient;
import dev.muster.fleet.github.GitHubSpec;
import dev.muster.fleet.github.JobReconciler;
import dev.muster.fleet.github.Operation;
import dev.muster.fleet.github.QueuedJobScan;
import dev.muster.fleet.job.EndedJobs;
import dev.muster.fleet.job.Homes;
import dev.muster.fleet.job.JobId;
import dev.muster.fleet.job.JobState;
import dev.muster.fleet.job.JobStore;
import dev.muster.fleet.job.TimelineEntry;
import dev.muster.fleet.runner.RunnerState;
import dev.muster.kernel.tracing.Telemetry;
import dev.muster.sandbox.SandboxApp;
import dev.muster.sandbox.SandboxGitHub;
import dev.muster.sandbox.SandboxJob;
import dev.muster.sandbox.SandboxSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A job that waits while GitHub hides it for a minute, as when an App loses its access briefly. */
class LostJobScenarioTest {
  private static final String LABEL = "muster/pool=default";
  private static final SandboxApp APP = SandboxApp.generate(4712);

  @TempDir private Path folder;
  private FleetFixture fleet;
  private SandboxGitHub sandbox;
  private GitHubClient client;
  private long job;

  @BeforeEach
  void open() {
    fleet = new FleetFixture(folder);
    sandbox = SandboxGitHub.start(SandboxSettings.DEFAULT, APP, fleet.time);
    GitHubSpec spec =
        new GitHubSpec(
            sandbox.url(),
            Optional.of(new GitHubSpec.App(APP.id(), new SecretRef("key"))),
            List.of());
    client =
        new GitHubClient(
            () -> Optional.of(spec),
            ref -> Optional.of(new Secrets.Found(APP.privateKeyPem(), "the test")),
            fleet.time,
            new GitHubClient.Observer() {
              @Override
              public void called(Operation operation, String outcome, Duration took) {}

              @Override
              public void remaining(String budget, long requests) {}
            });
    fleet.register(
        new JobReconciler(
            fleet.store.database(),
            fleet.store.writer(),
            fleet.queue,
            fleet.time,
            client,
            fleet.webhooks,
            EndedJobs.UNHEARD));
    fleet.register(
        new QueuedJobScan(
            fleet.store.database(),
            fleet.store.writer(),
            fleet.time,
            client,
            fleet.placement,
            fleet.webhooks,
            Homes.ALONE,
            Telemetry.OFF));
    lost();
  }

  @AfterEach
  void close() {
    client.close();
    sandbox.close();
    fleet.close();
  }

  @Test
  void jobThatGitHubShowsAgainGetsItsRunner() {
    fleet.pass(Duration.ofHours(1));
    assertThat(fleet.cloud.launchCalls()).as("nobody told of it").isZero();
    fleet.due(QueuedJobScan.KEY);
    fleet.run();
    assertServed();
    List<TimelineEntry> timeline =
        fleet.store.read(read -> JobStore.timeline(read, new JobId(job)));
    assertThat(timeline)
        .extracting(TimelineEntry::event)
        .containsSubsequence("queued", "placed", "lost", "found", "assigned");
  }

  @Test
  void lateWebhookIsNoProofThatGitHubStillKnowsTheJob() {
    hide();
    fleet.queued(job, LABEL);
    fleet.pass(Duration.ofHours(1));
    assertThat(fleet.jobState(job)).isEqualTo(JobState.LOST);
    assertThat(fleet.cloud.launchCalls()).isZero();

    fleet.queued(job, LABEL);
    fleet.run();
    assertServed();
  }

  @Test
  void jobThatEndedWhileItWasHiddenIsNotServed() {
    sandbox.cancelJob(job);
    fleet.queued(job, LABEL);
    fleet.pass(Duration.ofHours(1));
    assertThat(fleet.jobState(job)).isEqualTo(JobState.COMPLETED);
    assertThat(fleet.job(job).conclusion()).contains("cancelled");
    assertThat(fleet.cloud.launchCalls()).isZero();
  }

  private void assertServed() {
    fleet.pass(Duration.ofSeconds(1));
    assertThat(fleet.jobState(job)).isEqualTo(JobState.QUEUED);
    fleet.enrol(fleet.only(RunnerState.BOOTING));
    assertThat(fleet.jobState(job)).isEqualTo(JobState.ASSIGNED);
  }

  /** A job that waited, and of which GitHub said twice that it does not know it. */
  private void lost() {
    fleet.configure(FleetFixture.SPEC, 0, 5);
    fleet.store.run(tx ->
        Pauses.pause(
            tx,
            new Pauses.Pause(Pauses.Scope.POOL, FleetFixture.POOL, fleet.time.instant(), "ana")));
    SandboxJob queued = sandbox.queueJob("acme/hello", List.of(LABEL), List.of("true"));
    job = queued.id();
    fleet.queued(job, LABEL);
    fleet.pass(Duration.ofMinutes(6)); // it is asked about once, as it waits for long
    assertThat(fleet.jobState(job)).isEqualTo(JobState.QUEUED);
    hide();
    fleet.pass(Duration.ofSeconds(570));
    assertThat(fleet.jobState(job)).as("once is not enough").isEqualTo(JobState.QUEUED);
    hide();
    fleet.pass(Duration.ofMinutes(1));
    assertThat(fleet.jobState(job)).isEqualTo(JobState.LOST);
    fleet.store.run(tx -> Pauses.resume(tx, Pauses.Scope.POOL, FleetFixture.POOL));
  }

  /** The next time that GitHub is asked it knows nothing of the job. */
  private void hide() {
    sandbox.refuseNext(404, "Not Found", Map.of());
  }
}
