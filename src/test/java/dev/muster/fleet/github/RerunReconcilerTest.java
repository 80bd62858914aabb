package dev.muster.fleet.github;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.fleet.job.JobEvent;
import dev.muster.fleet.job.JobId;
import dev.muster.fleet.job.JobKeys;
import dev.muster.fleet.job.JobState;
import dev.muster.fleet.job.JobStore;
import dev.muster.fleet.job.RerunIntent;
import dev.muster.fleet.job.RerunIntent.State;
import dev.muster.fleet.job.RerunIntents;
import dev.muster.fleet.job.RunRef;
import dev.muster.fleet.job.TimelineEntry;
import dev.muster.fleet.runner.RunnerKeys;
import dev.muster.kernel.queue.WorkItem;
import dev.muster.kernel.reconcile.Outcome;
import dev.muster.sandbox.JobRequest;
import dev.muster.sandbox.SandboxDelivery;
import dev.muster.sandbox.SandboxJob;
import dev.muster.sandbox.SandboxSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RerunReconcilerTest {
  private static final Outcome LATER = new Outcome.RequeueAfter(RerunReconciler.ASK_AGAIN);

  @TempDir private Path folder;
  private JobsFixture jobs;
  private RerunReconciler reconciler;
  private final Set<String> heard = new HashSet<>();
  private int sent;

  @BeforeEach
  void open() {
    jobs = new JobsFixture(folder, SandboxSettings.DEFAULT);
    reconciler = reconciler(jobs.github.client);
  }

  /** GitHub's answers are as old as this from now on. */
  private void lagging(Duration lag) {
    jobs.close();
    jobs = new JobsFixture(folder.resolve("lagging"), SandboxSettings.DEFAULT.withReadLag(lag));
    reconciler = reconciler(jobs.github.client);
  }

  @AfterEach
  void close() {
    jobs.close();
  }

  @Test
  void lostJobIsRerunByItselfOnceItsRunHasEnded() throws Exception {
    List<JobId> run = run(3);
    lose(run.getFirst());
    end(run.get(1));
    assertThat(reconcile(run)).as("GitHub would answer 403").isEqualTo(LATER);
    assertThat(reruns()).isZero();
    end(run.get(2));
    assertThat(due(run)).as("the run's webhook").isPresent();
    assertThat(reconcile(run)).isEqualTo(new Outcome.Done());
    assertThat(intent(run).state()).isEqualTo(State.RERUN);
    assertThat(secondAttempt(run)).extracting(SandboxJob::name).containsExactly("job 0");
    assertThat(events(run.getFirst())).contains("interrupted", "rerun");
    assertThat(events(run.get(1))).doesNotContain("interrupted", "rerun");
    assertThat(audited()).containsExactly("rerun.asked");

    hear(2);
    JobId again = new JobId(secondAttempt(run).getFirst().id());
    assertThat(jobs.job(again).state()).isEqualTo(JobState.QUEUED);
    assertThat(onDemand(again)).isTrue();
    assertThat(reconcile(run)).as("there is nothing left").isEqualTo(new Outcome.Done());
    assertThat(reruns()).isEqualTo(1);
  }

  @Test
  void severalLostJobsAreRerunAtOnceWithAllThatFailed() throws Exception {
    List<JobId> run = run(3);
    lose(run.get(0));
    lose(run.get(1));
    end(run.get(2));
    reconcile(run);
    assertThat(reruns()).isEqualTo(1);
    assertThat(secondAttempt(run)).hasSize(3);
    assertThat(intent(run).detail()).contains("2 interrupted jobs", "genuine failures too");
  }

  @Test
  void jobOfTheRunWhoseEndIsNotKnownYetIsWaitedFor() throws Exception {
    List<JobId> run = run(2);
    jobs.github.sandbox.cancelJob(run.get(1).value());
    jobs.github.sandbox.awaitDeliveries(++sent);
    jobs.github.sandbox.deliveries().forEach(this::first); // and its webhook is lost
    lose(run.get(0));
    assertThat(reconcile(run)).isEqualTo(new Outcome.RequeueAfter(RerunReconciler.SETTLING));
    assertThat(reruns()).isZero();
    jobs.assertDue(RunnerKeys.job(run.get(1)));
  }

  @Test
  void answerThatWasLostIsFoundOutAndNothingIsRerunTwice() throws Exception {
    lagging(Duration.ofMinutes(1));
    List<JobId> run = run(1);
    lose(run.getFirst());
    jobs.github.pass(Duration.ofMinutes(2));
    asked(run);
    rerunByHand(run);
    assertThat(reconcile(run)).as("GitHub says 403, its reads lag").isEqualTo(LATER);
    jobs.github.pass(Duration.ofMinutes(2));
    reconciler = reconciler(jobs.github.client);
    assertThat(reconcile(run)).isEqualTo(new Outcome.Done());
    assertThat(intent(run).state()).isEqualTo(State.RERUN);
    assertThat(secondAttempt(run)).hasSize(1);
  }

  @Test
  void runThatSomebodyElseBeganAgainIsLeft() throws Exception {
    List<JobId> run = run(1);
    lose(run.getFirst());
    rerunByHand(run);
    assertThat(reconcile(run)).isEqualTo(new Outcome.Done());
    assertThat(intent(run).state()).isEqualTo(State.DROPPED);
    assertThat(intent(run).detail()).contains("somebody else began attempt 2");
    assertThat(reruns()).isEqualTo(1);
    hear(2);
    JobId again = new JobId(secondAttempt(run).getFirst().id());
    assertThat(onDemand(again)).as("not by us").isFalse();
  }

  @Test
  void attemptThatLostJobsBeforeTheOneBeforeWasSettledIsSeenToNext() throws Exception {
    List<JobId> run = run(1);
    lose(run.getFirst());
    asked(run);
    rerunByHand(run); // by us: the answer is lost
    hear(2);
    List<JobId> second = List.of(new JobId(newest(run).id()));
    lose(second.getFirst());
    assertThat(reconcile(run)).isEqualTo(new Outcome.RequeueAfter(RerunReconciler.SETTLING));
    assertThat(intent(run).state()).isEqualTo(State.RERUN);
    assertThat(reconcile(second)).isEqualTo(new Outcome.Done());
    assertThat(intent(second).state()).isEqualTo(State.RERUN);
    assertThat(newest(run).runAttempt()).isEqualTo(3);
  }

  @Test
  void thirdAttemptIsTheLast() throws Exception {
    List<JobId> run = run(1);
    for (int attempt = 1; attempt < RerunReconciler.MOST_ATTEMPTS; attempt++) {
      lose(run.getFirst());
      reconcile(run);
      hear(2);
      run = List.of(new JobId(newest(run).id()));
    }
    lose(run.getFirst());
    assertThat(reconcile(run)).isEqualTo(new Outcome.Done());
    assertThat(intent(run).state()).isEqualTo(State.DROPPED);
    assertThat(intent(run).detail()).contains("attempt 3", "3 are the most", "muster job retry");
    assertThat(reruns()).isEqualTo(2);
    assertThat(audited()).containsExactly("rerun.asked", "rerun.asked", "rerun.dropped");
  }

  @Test
  void refusalsEndAfterADay() throws Exception {
    lagging(Duration.ofDays(2));
    List<JobId> run = run(1);
    lose(run.getFirst());
    jobs.github.pass(Duration.ofDays(3));
    rerunByHand(run);
    assertThat(reconcile(run)).isEqualTo(LATER);
    jobs.github.pass(RerunReconciler.PATIENCE);
    assertThat(reconcile(run)).isEqualTo(new Outcome.Done());
    assertThat(intent(run).detail()).contains("may write actions");
  }

  @Test
  void runThatGitHubDoesNotShowIsWaitedForADay() throws Exception {
    lagging(Duration.ofDays(9));
    List<JobId> run = run(1);
    lose(run.getFirst());
    assertThat(reconcile(run)).isEqualTo(LATER);
    jobs.github.pass(RerunReconciler.PATIENCE);
    assertThat(reconcile(run)).isEqualTo(new Outcome.Done());
    assertThat(intent(run).state()).isEqualTo(State.DROPPED);
  }

  @Test
  void withoutAnAppItIsSaid() throws Exception {
    List<JobId> run = run(1);
    lose(run.getFirst());
    reconciler =
        reconciler(
            new GitHubClient(
                Optional::empty, ref -> Optional.empty(), jobs.github::now, jobs.github.calls));
    assertThat(reconcile(run))
        .isInstanceOfSatisfying(
            Outcome.Stalled.class,
            stalled -> assertThat(stalled.reason()).contains("add github.app"));
  }

  @Test
  void intentsAreForgottenWithTime() throws Exception {
    lose(run(1).getFirst());
    assertThat(forgotten()).isZero();
    jobs.github.pass(Duration.ofSeconds(1));
    assertThat(forgotten()).isEqualTo(1);
  }

  private boolean onDemand(JobId id) {
    return jobs.store.read(read -> RerunIntents.onDemand(read, jobs.job(id).facts()));
  }

  private int forgotten() {
    return jobs.store.write(tx -> RerunIntents.remove(tx, jobs.github.now(), 10));
  }

  private RerunReconciler reconciler(GitHubClient client) {
    return new RerunReconciler(
        jobs.store.database(),
        jobs.store.writer(),
        jobs.queue,
        jobs.audit,
        jobs.github::now,
        client);
  }

  private List<JobId> run(int count) throws InterruptedException {
    List<JobRequest> requests =
        IntStream.range(0, count)
            .mapToObj(i -> new JobRequest("job " + i, List.of("muster/runner=here"), List.of()))
            .toList();
    List<SandboxJob> queued = jobs.github.sandbox.queueRun(JobsFixture.REPOSITORY, requests);
    hear(1 + count);
    return queued.stream().map(job -> new JobId(job.id())).toList();
  }

  /** Hands over what is new. */
  private void hear(int more) throws InterruptedException {
    sent += more;
    jobs.deliver(sent, this::first);
  }

  private boolean first(SandboxDelivery delivery) {
    return heard.add(delivery.guid());
  }

  private void end(JobId id) throws InterruptedException {
    jobs.github.sandbox.cancelJob(id.value());
    boolean last =
        jobs.github.sandbox.jobsOf(jobs.job(id).facts().runId()).stream()
            .allMatch(job -> job.status() == SandboxJob.Status.COMPLETED);
    hear(last ? 2 : 1);
  }

  /** It ends badly, and its machine was being taken away. */
  private void lose(JobId id) throws InterruptedException {
    end(id);
    jobs.store.run(tx -> {
      JobStore.apply(tx, id, new JobEvent.Interrupted("spot"), jobs.github.now());
      RerunIntents.want(tx, JobStore.find(tx, id).orElseThrow().facts(), jobs.github.now());
    });
  }

  private void asked(List<JobId> run) {
    RerunIntent intent = intent(run);
    jobs.store.run(tx -> RerunIntents.change(tx, intent, State.ASKED, "", jobs.github.now()));
  }

  private void rerunByHand(List<JobId> run) {
    assertThat(new GitHubJobs(jobs.github.client).rerun(JobsFixture.REPOSITORY, run.getFirst()))
        .isEqualTo(GitHubJobs.Rerun.ACCEPTED);
  }

  private RunRef ref(List<JobId> run) {
    return jobs.job(run.getFirst()).facts().run();
  }

  private Outcome reconcile(List<JobId> run) {
    return reconciler.reconcile(ref(run), Optional.empty());
  }

  private Optional<WorkItem> due(List<JobId> run) {
    return jobs.due(JobKeys.rerun(ref(run)));
  }

  private RerunIntent intent(List<JobId> run) {
    int attempt = jobs.job(run.getFirst()).facts().runAttempt();
    return jobs.store.read(read -> RerunIntents.find(read, ref(run), attempt)).orElseThrow();
  }

  private List<SandboxJob> secondAttempt(List<JobId> run) {
    return jobs.github.sandbox.jobsOf(ref(run).id()).stream()
        .filter(job -> job.runAttempt() == 2)
        .toList();
  }

  private SandboxJob newest(List<JobId> run) {
    return jobs.github.sandbox.jobsOf(ref(run).id()).getLast();
  }

  private long reruns() {
    return jobs.github.calls.count(Operation.RERUN);
  }

  private List<String> events(JobId id) {
    return jobs.timeline(id).stream().map(TimelineEntry::event).toList();
  }

  private List<String> audited() {
    return jobs.store.read(read ->
        read.all("select action from audit_entry order by sequence", row -> row.text("action")));
  }
}
