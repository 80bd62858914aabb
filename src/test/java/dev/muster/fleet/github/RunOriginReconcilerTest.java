package dev.muster.fleet.github;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.fleet.job.Job;
import dev.muster.fleet.job.JobEvent;
import dev.muster.fleet.job.JobId;
import dev.muster.fleet.job.JobKeys;
import dev.muster.fleet.job.JobState;
import dev.muster.fleet.job.JobStore;
import dev.muster.fleet.job.RunOrigin;
import dev.muster.fleet.job.RunOrigins;
import dev.muster.fleet.job.TimelineEntry;
import dev.muster.fleet.spec.EnvironmentSpec.Allow;
import dev.muster.kernel.reconcile.Outcome;
import dev.muster.kernel.reconcile.TransientException;
import dev.muster.sandbox.JobRequest;
import dev.muster.sandbox.SandboxJob;
import dev.muster.sandbox.SandboxSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunOriginReconcilerTest {
  private static final Allow NO_FORKS = new Allow(false, false);
  private static final Allow FORKS = new Allow(false, true);
  private static final Optional<String> OWN = Optional.of(JobsFixture.REPOSITORY);
  private static final Optional<String> FORK = Optional.of("mallory/api");
  private static final Optional<String> DELETED = Optional.empty();

  @TempDir private Path folder;
  private JobsFixture jobs;

  @BeforeEach
  void open() {
    jobs = new JobsFixture(folder, SandboxSettings.DEFAULT);
    jobs.configure(NO_FORKS);
  }

  @AfterEach
  void close() {
    jobs.close();
  }

  @Test
  void jobIsHeldUntilItIsKnownThatItsCodeIsTheRepositorysOwn() throws Exception {
    JobId id = onlyJobsHeard(OWN, 1).getFirst();
    assertThat(jobs.job(id).state()).isEqualTo(JobState.QUEUED);
    assertThat(jobs.job(id).placement()).as("no pool counts it").isEmpty();
    assertThat(jobs.job(id).reason().orElseThrow()).contains("not known yet", "fork", "'dev'");
    ask(id);
    assertThat(jobs.job(id).placement().orElseThrow().pool()).isEqualTo("default");
    assertThat(jobs.job(id).reason()).isEmpty();
    assertThat(events(id)).containsExactly("queued", "held", "placed");
  }

  @Test
  void jobOfAForkIsRejectedAndReported() throws Exception {
    JobId id = onlyJobsHeard(FORK, 1).getFirst();
    ask(id);
    rejected(id, "the fork mallory/api");
    jobs.assertDue(JobKeys.report(id));
  }

  @Test
  void repositoryThatIsGoneWasAFork() throws Exception {
    JobId id = onlyJobsHeard(DELETED, 1).getFirst();
    ask(id);
    rejected(id, "a fork that GitHub no longer has");
  }

  @Test
  void runIsAskedForOnceForAllItsJobsAndItsReruns() throws Exception {
    List<JobId> all = onlyJobsHeard(OWN, 3);
    for (JobId id : all) {
      ask(id);
    }
    assertThat(all).allSatisfy(id -> assertThat(jobs.job(id).placement()).isPresent());
    jobs.configure(FORKS);
    jobs.configure(NO_FORKS);
    ask(all.getFirst());
    assertThat(jobs.github.calls.count(Operation.READ_RUN)).isEqualTo(1);
  }

  @Test
  void nothingIsAskedWhereTheRunsWebhookSaysIt() throws Exception {
    JobId own = heard(OWN, 1, "workflow_run workflow_job").getFirst();
    assertThat(jobs.job(own).placement()).isPresent();
    assertThat(events(own)).doesNotContain("held");
    assertThat(jobs.due(JobKeys.run(jobs.job(own).facts().run()))).isEmpty();
  }

  @Test
  void webhookOfTheRunThatComesLateEndsTheWait() throws Exception {
    JobId id = onlyJobsHeard(FORK, 1).getFirst();
    jobs.deliver(2, sent -> sent.about().event().equals("workflow_run"));
    rejected(id, "the fork mallory/api");
    ask(id);
    assertThat(jobs.github.calls.count(Operation.READ_RUN)).isZero();
  }

  @Test
  void nothingIsAskedOrKeptWhereForksAreAllowed() throws Exception {
    jobs.configure(FORKS);
    JobId id = heard(FORK, 1, "workflow_run workflow_job").getFirst();
    Job job = jobs.job(id);
    assertThat(job.placement()).isPresent();
    assertThat(jobs.due(JobKeys.run(job.facts().run()))).isEmpty();
    assertThat(known(job)).isEmpty();
  }

  @Test
  void placedJobIsTakenBackWhenTheConfigForbidsForks() throws Exception {
    jobs.configure(FORKS);
    JobId id = onlyJobsHeard(FORK, 1).getFirst();
    jobs.configure(NO_FORKS);
    assertThat(jobs.job(id).placement()).as("until it is known").isEmpty();
    ask(id);
    rejected(id, "the fork mallory/api");
    jobs.configure(FORKS);
    assertThat(jobs.job(id).state()).isEqualTo(JobState.QUEUED);
    assertThat(jobs.job(id).placement()).isPresent();
  }

  @Test
  void whileGitHubCannotAnswerTheJobWaits() throws Exception {
    JobId id = onlyJobsHeard(OWN, 1).getFirst();
    new GitHubJobs(jobs.github.client).queued(JobsFixture.REPOSITORY); // gets a token
    jobs.github.sandbox.refuseNext(502, "Server Error", Map.of());
    failing(id, "answered 502");
    jobs.github.sandbox.refuseNext(404, "Not Found", Map.of());
    failing(id, "it shows none yet");
    jobs.github.sandbox.refuseNext(403, "Resource not accessible by integration", Map.of());
    failing(id, "give the App this permission");
    assertThat(jobs.job(id).placement()).isEmpty();
    ask(id);
    assertThat(jobs.job(id).placement()).isPresent();
  }

  @Test
  void nothingIsAskedForAJobThatNoLongerWaits() throws Exception {
    JobId id = onlyJobsHeard(OWN, 1).getFirst();
    jobs.store.run(
        tx -> JobStore.apply(tx, id, new JobEvent.Rejected("by hand"), jobs.github.now()));
    ask(id);
    assertThat(jobs.github.calls.count(Operation.READ_RUN)).isZero();
  }

  @Test
  void withoutAnAppNothingIsLetThrough() throws Exception {
    JobId id = onlyJobsHeard(OWN, 1).getFirst();
    GitHubClient nobody =
        new GitHubClient(
            Optional::empty, ref -> Optional.empty(), jobs.github::now, jobs.github.calls);
    Outcome outcome = reconciler(nobody).reconcile(jobs.job(id).facts().run(), Optional.empty());
    assertThat(outcome)
        .isInstanceOfSatisfying(
            Outcome.Stalled.class,
            stalled -> assertThat(stalled.reason()).contains("add github.app"));
    assertThat(jobs.job(id).placement()).isEmpty();
  }

  @Test
  void runsAreForgottenWithTime() throws Exception {
    Job job = jobs.job(heard(OWN, 1, "workflow_run workflow_job").getFirst());
    assertThat(removed()).isZero();
    jobs.github.pass(Duration.ofSeconds(1));
    assertThat(removed()).isEqualTo(1);
    assertThat(known(job)).isEmpty();
  }

  private Optional<RunOrigin> known(Job job) {
    return jobs.store.read(read -> RunOrigins.find(read, job.facts().run()));
  }

  private int removed() {
    return jobs.store.write(tx -> RunOrigins.remove(tx, jobs.github.now(), 10));
  }

  private void failing(JobId id, String why) {
    assertThatThrownBy(() -> ask(id))
        .isInstanceOf(TransientException.class)
        .hasMessageContaining(why);
  }

  private void rejected(JobId id, String why) {
    assertThat(jobs.job(id).state()).isEqualTo(JobState.REJECTED);
    assertThat(jobs.job(id).reason().orElseThrow())
        .contains(why, "environment 'dev' does not allow forks");
  }

  private void ask(JobId id) {
    assertThat(
            reconciler(jobs.github.client).reconcile(jobs.job(id).facts().run(), Optional.empty()))
        .isEqualTo(new Outcome.Done());
  }

  private RunOriginReconciler reconciler(GitHubClient client) {
    return new RunOriginReconciler(
        jobs.store.database(), jobs.store.writer(), jobs.github::now, client, jobs.placement);
  }

  private List<String> events(JobId id) {
    return jobs.timeline(id).stream().map(TimelineEntry::event).toList();
  }

  private List<JobId> onlyJobsHeard(Optional<String> head, int count) throws Exception {
    return heard(head, count, "workflow_job");
  }

  private List<JobId> heard(Optional<String> head, int count, String events) throws Exception {
    List<JobRequest> requests =
        IntStream.range(0, count)
            .mapToObj(i -> new JobRequest("job " + i, List.of("muster/runner=here"), List.of()))
            .toList();
    List<SandboxJob> queued =
        jobs.github.sandbox.queueForkRun(JobsFixture.REPOSITORY, head, requests);
    jobs.deliver(1 + count, sent -> events.contains(sent.about().event()));
    return queued.stream().map(job -> new JobId(job.id())).toList();
  }
}
