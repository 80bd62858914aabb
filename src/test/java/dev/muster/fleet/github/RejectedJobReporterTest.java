package dev.muster.fleet.github;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.fleet.job.JobEvent;
import dev.muster.fleet.job.JobId;
import dev.muster.fleet.job.JobKeys;
import dev.muster.fleet.job.JobReports;
import dev.muster.fleet.job.JobStore;
import dev.muster.fleet.job.TimelineEntry;
import dev.muster.kernel.notice.Notices;
import dev.muster.kernel.reconcile.Outcome;
import dev.muster.kernel.reconcile.TransientException;
import dev.muster.sandbox.SandboxCheck;
import dev.muster.sandbox.SandboxSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RejectedJobReporterTest {
  private static final String NO_SUCH = "muster=1/runner=nosuch";

  @TempDir private Path folder;
  private JobsFixture jobs;
  private RejectedJobReporter reporter;

  @BeforeEach
  void open() {
    open(SandboxSettings.DEFAULT);
  }

  private void open(SandboxSettings settings) {
    jobs = new JobsFixture(folder, settings);
    reporter = reporter();
  }

  private RejectedJobReporter reporter() {
    return new RejectedJobReporter(
        jobs.store.database(), jobs.store.writer(), jobs.github::now, jobs.github.client);
  }

  @AfterEach
  void close() {
    jobs.close();
  }

  @Test
  void saysOnTheCommitWhyTheJobGetsNoRunnerAndWhatToDo() throws Exception {
    JobId id = jobs.heard(NO_SUCH);
    jobs.assertDue(JobKeys.report(id));
    report(id);
    SandboxCheck check = checks().getFirst();
    assertThat(check.repository()).isEqualTo(JobsFixture.REPOSITORY);
    assertThat(Optional.of(check.headSha())).isEqualTo(jobs.job(id).facts().headSha());
    assertThat(check.name()).isEqualTo("Muster: job");
    assertThat(check.externalId()).contains("muster-job-" + id);
    assertThat(check.status()).isEqualTo("completed");
    assertThat(check.conclusion()).contains("failure");
    assertThat(check.title()).isEqualTo("This job gets no runner");
    assertThat(check.summary())
        .contains("`" + NO_SUCH + "`", "there is no runner 'nosuch'", "Correct `runs-on`");
    assertThat(jobs.timeline(id)).extracting(TimelineEntry::event).endsWith("rejected", "reported");
  }

  @Test
  void saysItOnceHoweverOftenTheJobIsRejected() throws Exception {
    JobId id = jobs.heard(NO_SUCH);
    report(id);
    reject(id, "for another reason");
    report(id);
    reporter = reporter();
    report(id);
    assertThat(checks()).hasSize(1);
  }

  @Test
  void looksAtTheCommitBeforeItSaysAgainWhatMayHaveArrived() throws Exception {
    JobId arrived = jobs.heard(NO_SUCH);
    JobId lost = jobs.heard(NO_SUCH);
    for (JobId id : List.of(arrived, lost)) {
      jobs.store.run(tx -> JobReports.begin(tx, id, jobs.github.now()));
    }
    new GitHubChecks(jobs.github.client)
        .publish(RejectedJobCheck.of(jobs.job(arrived)).orElseThrow());
    report(arrived);
    report(lost);
    assertThat(checks())
        .extracting(check -> check.externalId().orElseThrow())
        .containsExactly("muster-job-" + arrived, "muster-job-" + lost);
    assertThat(progress(arrived)).isEqualTo(JobReports.Progress.SETTLED);
  }

  @Test
  void triesAgainWhenGitHubIsInTrouble() throws Exception {
    JobId id = jobs.heard(NO_SUCH);
    jobs.github.sandbox.refuseNext(502, "Server Error", Map.of());
    assertThatThrownBy(() -> report(id)).isInstanceOf(TransientException.class);
    report(id);
    assertThat(checks()).hasSize(1);
  }

  @Test
  void missingPermissionIsSaidToTheOperatorOnceAndTheJobLeft() throws Exception {
    jobs.close();
    open(SandboxSettings.DEFAULT.withWithheld(Set.of("checks")));
    JobId first = jobs.heard(NO_SUCH);
    JobId second = jobs.heard(NO_SUCH);
    report(first);
    assertThat(notices()).singleElement().asString().contains("acme", "checks (write)");
    jobs.store.run(tx -> Notices.settle(tx, "github-checks-acme"));
    long calls = jobs.github.calls.count(Operation.REPORT_JOB);

    report(first);
    report(second);
    assertThat(jobs.github.calls.count(Operation.REPORT_JOB)).as("not asked").isEqualTo(calls);
    assertThat(jobs.timeline(second).getLast().detail()).contains("may not write checks at acme");

    jobs.github.pass(RejectedJobReporter.DENIED.plus(Duration.ofMinutes(1)));
    report(jobs.heard(NO_SUCH));
    assertThat(jobs.github.calls.count(Operation.REPORT_JOB)).isEqualTo(calls + 1);
    assertThat(notices()).as("said once").isEmpty();
  }

  @Test
  void noticeGoesWhenThePermissionIsThere() throws Exception {
    JobId later = jobs.heard(NO_SUCH);
    new GitHubJobs(jobs.github.client).queued(JobsFixture.REPOSITORY); // gets a token
    JobId refused = jobs.heard(NO_SUCH);
    jobs.github.sandbox.refuseNext(403, "Resource not accessible by integration", Map.of());
    report(refused);
    assertThat(notices()).hasSize(1);
    jobs.github.pass(RejectedJobReporter.DENIED);
    report(later);
    assertThat(checks()).hasSize(1);
    assertThat(notices()).isEmpty();
  }

  @Test
  void commitThatGitHubNoLongerHasIsLeftWithAReason() throws Exception {
    JobId id = jobs.heard(NO_SUCH);
    new GitHubJobs(jobs.github.client).queued(JobsFixture.REPOSITORY); // gets a token
    jobs.github.sandbox.refuseNext(422, "No commit found for SHA: 0", Map.of());
    report(id);
    assertThat(jobs.timeline(id).getLast().detail()).contains("No commit found for SHA");
    assertThat(progress(id)).isEqualTo(JobReports.Progress.SETTLED);
    assertThat(notices()).isEmpty();
  }

  @Test
  void neitherAServedJobNorOneThatDoesNotNameUsIsReported() throws Exception {
    JobId served = jobs.heard("muster=1/runner=here");
    JobId unmarked = jobs.heard("here");
    reject(unmarked, "the environment refuses it");
    report(served);
    report(unmarked);
    assertThat(jobs.due(JobKeys.report(served))).isEmpty();
    assertThat(checks()).isEmpty();
  }

  @Test
  void whatAWorkflowWroteIsNoMarkdown() throws Exception {
    JobId id = jobs.heard("muster/runner=`**@acme/admins**`");
    report(id);
    assertThat(checks().getFirst().summary())
        .contains("`muster/runner= **@acme/admins**`")
        .doesNotContain("``");
  }

  private void report(JobId id) {
    assertThat(reporter.reconcile(id, Optional.empty())).isEqualTo(new Outcome.Done());
  }

  private void reject(JobId id, String reason) {
    jobs.store.run(tx -> JobStore.apply(tx, id, new JobEvent.Rejected(reason), jobs.github.now()));
  }

  private List<SandboxCheck> checks() {
    return jobs.github.sandbox.checks();
  }

  private List<Notices.Notice> notices() {
    return jobs.store.read(Notices::all);
  }

  private JobReports.Progress progress(JobId id) {
    return jobs.store.read(read -> JobReports.of(read, id));
  }
}
