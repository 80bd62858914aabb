package dev.muster.fleet.github;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.fleet.job.EndedJobs;
import dev.muster.fleet.job.JobEvent;
import dev.muster.fleet.job.JobId;
import dev.muster.fleet.job.JobKeys;
import dev.muster.fleet.job.JobState;
import dev.muster.fleet.job.JobStore;
import dev.muster.fleet.runner.Deadlines;
import dev.muster.fleet.runner.InterruptedRunners;
import dev.muster.fleet.runner.LaunchId;
import dev.muster.fleet.runner.Runner;
import dev.muster.fleet.runner.RunnerEvent;
import dev.muster.fleet.runner.RunnerId;
import dev.muster.fleet.runner.RunnerKeys;
import dev.muster.fleet.runner.RunnerOrigin;
import dev.muster.fleet.runner.RunnerState;
import dev.muster.fleet.runner.RunnerStore;
import dev.muster.kernel.reconcile.Outcome;
import dev.muster.sandbox.SandboxSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JobReconcilerTest {
  private static final String LABEL = "muster/runner=here";
  private static final RunnerId RUNNER = new RunnerId("muster-000000000001");
  private static final Deadlines LIMITS = JobsFixture.LIMITS;

  @TempDir private Path folder;
  private JobsFixture jobs;

  @BeforeEach
  void open() {
    jobs = new JobsFixture(folder, SandboxSettings.DEFAULT);
  }

  @AfterEach
  void close() {
    jobs.close();
  }

  @Test
  void jobThatIsLostWithItsMachineIsFoundOutWithoutItsWebhook() throws Exception {
    JobId id = jobs.heard(LABEL);
    running(id);
    assertThat(reconcile(id)).isEqualTo(new Outcome.RequeueAfter(Duration.ofMinutes(30)));
    interrupted();
    assertThat(reconcile(id))
        .as("GitHub concludes it within minutes")
        .isEqualTo(new Outcome.RequeueAfter(Duration.ofMinutes(3)));
    jobs.github.sandbox.cancelJob(id.value());
    reconcile(id);
    assertThat(jobs.job(id).state()).isEqualTo(JobState.INTERRUPTED);
    jobs.assertDue(JobKeys.rerun(jobs.job(id).facts().run()));
  }

  @Test
  void runnerWhoseJobIsOverIsNotKeptUntilItsDeadlineWhenTheWebhookIsLost() throws Exception {
    JobId id = jobs.heard(LABEL);
    running(id);
    jobs.takenBy(RUNNER.value(), LABEL);
    jobs.done();
    reconcile(id);
    assertThat(jobs.job(id).state()).isEqualTo(JobState.COMPLETED);
    Runner runner = runner();
    assertThat(runner.reason()).contains("its job is over and its agent does not say so");
    assertThat(runner.deadline()).contains(jobs.github.now().plus(Duration.ofMinutes(2)));
    jobs.assertDue(RunnerKeys.runner(RUNNER));
  }

  @Test
  void runnerThatTookAJobIsBusyWithItWhenTheWebhookIsLost() throws Exception {
    JobId id = jobs.heard(LABEL);
    registered(id);
    jobs.takenBy(RUNNER.value(), LABEL);
    reconcile(id);
    assertThat(jobs.job(id).state()).isEqualTo(JobState.RUNNING);
    assertThat(runner().state()).isEqualTo(RunnerState.BUSY);
    jobs.assertDue(RunnerKeys.runner(RUNNER));
  }

  private Runner runner() {
    return jobs.store.read(read -> RunnerStore.find(read, RUNNER)).orElseThrow();
  }

  private Outcome reconcile(JobId id) {
    return new JobReconciler(
            jobs.store.database(),
            jobs.store.writer(),
            jobs.queue,
            jobs.github::now,
            jobs.github.client,
            jobs.webhooks,
            EndedJobs.UNHEARD)
        .reconcile(id, Optional.empty());
  }

  private void running(JobId id) {
    Instant now = jobs.github.now();
    String name = RUNNER.value();
    registered(id);
    jobs.store.run(tx -> {
      Runner runner = RunnerStore.find(tx, RUNNER).orElseThrow();
      RunnerStore.apply(tx, runner, new RunnerEvent.Started(id), now, LIMITS);
      JobStore.apply(tx, id, new JobEvent.Started(now, Optional.of(name), name), now);
    });
  }

  private void registered(JobId id) {
    Instant now = jobs.github.now();
    RunnerOrigin origin =
        new RunnerOrigin(
            new LaunchId("launch-0000000000000001"),
            "default",
            "ec2",
            "dev",
            "eu-west-1",
            "here",
            "hash",
            now);
    String name = RUNNER.value();
    jobs.store.run(tx -> {
      RunnerStore.add(tx, List.of(Runner.planned(RUNNER, origin, LIMITS)));
      for (RunnerEvent event :
          List.of(
              new RunnerEvent.Launched("i-1"),
              new RunnerEvent.Enrolled(),
              new RunnerEvent.Assigned(id, name),
              new RunnerEvent.Registered(1))) {
        RunnerStore.apply(tx, RunnerStore.find(tx, RUNNER).orElseThrow(), event, now, LIMITS);
      }
      JobStore.apply(tx, id, new JobEvent.Assigned(name, name), now);
    });
  }

  private void interrupted() {
    InterruptedRunners runners =
        new InterruptedRunners(
            jobs.store.database(),
            jobs.store.writer(),
            jobs.queue,
            jobs.audit,
            jobs.github::now,
            runner -> LIMITS);
    assertThat(runners.interrupted("ec2", "i-1", jobs.github.now(), "spot")).isTrue();
  }
}
