package dev.muster.fleet.github;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.fleet.job.Homes;
import dev.muster.fleet.job.Job;
import dev.muster.fleet.job.JobEvent;
import dev.muster.fleet.job.JobId;
import dev.muster.fleet.job.JobState;
import dev.muster.fleet.job.JobStore;
import dev.muster.fleet.job.Placement;
import dev.muster.fleet.job.TimelineEntry;
import dev.muster.fleet.runner.RunnerKeys;
import dev.muster.kernel.queue.WorkItem;
import dev.muster.kernel.reconcile.Outcome;
import dev.muster.kernel.tracing.Telemetry;
import dev.muster.sandbox.SandboxSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QueuedJobScanTest {
  private static final String LABEL = "muster/runner=here";

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
  void jobWhoseWebhookWasLostIsFoundAndServed() throws Exception {
    jobs.heard(LABEL);
    JobId unheard = new JobId(jobs.queued(LABEL).id());
    assertThat(scan()).isEqualTo(new Outcome.RequeueAfter(Duration.ofMinutes(15)));
    Job found = jobs.job(unheard);
    assertThat(found.state()).isEqualTo(JobState.QUEUED);
    assertThat(found.placement()).contains(new Placement("default", "dev", "local"));
    assertThat(found.facts().labels()).containsExactly(LABEL);
    jobs.assertDue(RunnerKeys.pool("default"));
    jobs.assertDue(RunnerKeys.job(unheard));
  }

  @Test
  void jobThatIsNotOursIsLeftAlone() throws Exception {
    jobs.heard(LABEL);
    JobId others = new JobId(jobs.queued("ubuntu-latest").id());
    JobId ours = new JobId(jobs.queued(LABEL).id());
    scan();
    assertThat(known(ours)).as("the scan looked").isPresent();
    assertThat(known(others)).isEmpty();
  }

  @Test
  void jobThatWaitsNoMoreIsLeftAlone() throws Exception {
    jobs.heard(LABEL);
    JobId cancelled = new JobId(jobs.queued(LABEL).id());
    JobId ours = new JobId(jobs.queued(LABEL).id());
    jobs.github.sandbox.cancelJob(cancelled.value());
    scan();
    assertThat(known(ours)).as("the scan looked").isPresent();
    assertThat(known(cancelled)).isEmpty();
  }

  @Test
  void jobThatIsKnownIsNotToldOfAgain() throws Exception {
    JobId heard = jobs.heard(LABEL);
    Job before = jobs.job(heard);
    List<TimelineEntry> timeline = jobs.timeline(heard);
    scan();
    assertThat(jobs.job(heard)).isEqualTo(before);
    assertThat(jobs.timeline(heard)).isEqualTo(timeline);
  }

  @Test
  void lostJobThatGitHubListsIsAskedAboutAtOnce() throws Exception {
    JobId lost = jobs.heard(LABEL);
    jobs.store.run(tx -> JobStore.apply(tx, lost, new JobEvent.Vanished(), jobs.github.now()));
    assertThat(jobs.due(RunnerKeys.job(lost)).map(WorkItem::due))
        .as("as after its webhook")
        .contains(jobs.github.now().plus(GitHubWebhooks.DOUBT));
    scan();
    assertThat(jobs.job(lost).state()).as("a list may lag").isEqualTo(JobState.LOST);
    assertThat(jobs.due(RunnerKeys.job(lost)).map(WorkItem::due)).contains(jobs.github.now());
  }

  @Test
  void repositoryThatWasSilentForDaysIsNotAsked() throws Exception {
    jobs.heard(LABEL);
    JobId unheard = new JobId(jobs.queued(LABEL).id());
    jobs.github.pass(Duration.ofDays(3).plusMinutes(1));
    scan();
    assertThat(known(unheard)).isEmpty();
    assertThat(jobs.github.calls.count(Operation.SCAN_RUNS)).isZero();
  }

  private Outcome scan() {
    return new QueuedJobScan(
            jobs.store.database(),
            jobs.store.writer(),
            jobs.github::now,
            jobs.github.client,
            jobs.placement,
            jobs.webhooks,
            Homes.ALONE,
            Telemetry.OFF)
        .reconcile(QueuedJobScan.KEY.name(), Optional.empty());
  }

  private Optional<Job> known(JobId id) {
    return jobs.store.read(read -> JobStore.find(read, id));
  }
}
