package dev.muster.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.sandbox.SandboxJob.Status;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SandboxModelTest {
  private static final String REPO = "repos/acme/api";
  private static final List<String> LABELS = List.of("muster", "runner=here");

  private Instant now = Instant.parse("2026-03-01T10:00:00Z");
  private final List<HookEvent> hooks = new ArrayList<>();
  private final InstantSource clock = () -> now;
  private final SandboxModel model = new SandboxModel(SandboxSettings.DEFAULT, clock, hooks::add);

  @Test
  void givesAJobToWhicheverFreeRunnerAsksFirst() throws InterruptedException {
    SandboxJob first = queue("first");
    SandboxJob second = queue("second");
    SandboxModel.Seated meantForFirst = register("r1");
    SandboxModel.Seated meantForSecond = register("r2");

    assertThat(poll(meantForSecond)).map(SandboxJob::id).contains(first.id());
    assertThat(poll(meantForFirst)).map(SandboxJob::id).contains(second.id());
  }

  @Test
  void givesNoJobToARunnerThatLacksALabelOrStandsElsewhere() throws InterruptedException {
    queue("job");
    SandboxModel.Seated fewer = model.register(REPO, "r1", 1, List.of("muster"));
    SandboxModel.Seated other = model.register("repos/acme/web", "r2", 1, LABELS);

    assertThat(poll(fewer)).isEmpty();
    assertThat(poll(other)).isEmpty();
  }

  @Test
  void letsARunnerGroupServeOnlyItsRepositories() throws InterruptedException {
    long group = model.addGroup("acme", "prod", Set.of("acme/web")).id();
    SandboxModel.Seated inGroup = model.register("orgs/acme", "r1", group, LABELS);
    SandboxModel.Seated inDefault = model.register("orgs/acme", "r2", 1, LABELS);
    queue("job");

    assertThat(poll(inGroup)).isEmpty();
    assertThat(poll(inDefault)).isPresent();
  }

  @Test
  void takesLabelsWhateverTheirCase() throws InterruptedException {
    model.queue("acme/api", List.of(new JobRequest("job", List.of("MUSTER"), List.of())));

    assertThat(poll(register("r1"))).isPresent();
  }

  @Test
  void removesAnIdleRunnerAfterItsTime() {
    SandboxModel.Seated runner = register("r1");
    now = now.plus(SandboxSettings.DEFAULT.idleRunnerLife());

    assertThat(model.runners(REPO)).isEmpty();
    assertThatThrownBy(() -> poll(runner))
        .isInstanceOfSatisfying(Refusal.class, e -> assertThat(e.status()).isEqualTo(410));
  }

  @Test
  void refusesToDeleteABusyRunnerUntilItsJobIsDone() throws InterruptedException {
    queue("job");
    SandboxModel.Seated runner = register("r1");
    poll(runner);
    long id = runner.registration().id();

    assertRefused(422, () -> model.delete(REPO, id));
    model.done(id, runner.secret(), "success");
    assertRefused(404, () -> model.delete(REPO, id));
  }

  @Test
  void refusesANameInUseAndAGroupThatIsNone() {
    register("r1");

    assertRefused(409, () -> register("r1"));
    assertRefused(404, () -> model.register("orgs/acme", "r2", 99, LABELS));
  }

  @Test
  void refusesToRerunWhileTheRunIsOpenAndThenMakesNewJobs() throws InterruptedException {
    List<SandboxJob> jobs =
        model.queue(
            "acme/api",
            List.of(
                new JobRequest("a", LABELS, List.of()), new JobRequest("b", LABELS, List.of())));
    finish("r1", "failure");
    assertRefused(403, () -> model.rerun("acme/api", jobs.getFirst().id()));
    finish("r2", "failure");

    List<SandboxJob> again = model.rerunFailed("acme/api", jobs.getFirst().runId());

    assertThat(again).extracting(SandboxJob::runAttempt).containsExactly(2, 2);
    assertThat(again)
        .extracting(SandboxJob::id)
        .doesNotContainAnyElementsOf(jobs.stream().map(SandboxJob::id).toList());
    assertRefused(403, () -> model.rerun("acme/api", jobs.getFirst().id()));
  }

  @Test
  void showsThePastToReaders() throws InterruptedException {
    SandboxModel lagging =
        new SandboxModel(
            SandboxSettings.DEFAULT.withReadLag(Duration.ofSeconds(5)), clock, hooks::add);
    SandboxJob job =
        lagging.queue("acme/api", List.of(new JobRequest("job", LABELS, List.of()))).getFirst();
    assertThat(lagging.job("acme/api", job.id())).isEmpty();

    now = now.plusSeconds(5);
    SandboxModel.Seated runner = lagging.register(REPO, "r1", 1, LABELS);
    lagging.poll(runner.registration().id(), runner.secret(), Duration.ZERO);

    assertThat(lagging.job("acme/api", job.id())).map(SandboxJob::status).contains(Status.QUEUED);
    assertThat(lagging.runners(REPO)).isEmpty();
    assertThat(lagging.jobNow(job.id())).map(SandboxJob::status).contains(Status.IN_PROGRESS);

    now = now.plusSeconds(5);
    assertThat(lagging.job("acme/api", job.id()))
        .map(SandboxJob::status)
        .contains(Status.IN_PROGRESS);
    assertThat(lagging.runners(REPO)).singleElement().matches(SandboxRegistration::busy, "busy");
  }

  @Test
  void failsTheJobOfARunnerThatFallsSilent() throws InterruptedException {
    SandboxJob job = queue("job");
    SandboxModel.Seated runner = register("r1");
    poll(runner);
    now = now.plus(SandboxSettings.DEFAULT.lostRunnerAfter());

    model.settle();

    assertThat(model.jobNow(job.id())).flatMap(SandboxJob::conclusion).contains("failure");
    assertThat(model.runnersNow()).isEmpty();
  }

  @Test
  void tellsOfEachStepOfAJobInOrder() throws InterruptedException {
    queue("job");
    finish("r1", "success");

    assertThat(hooks)
        .extracting(hook -> hook.event() + " " + hook.action())
        .containsExactly(
            "workflow_run requested",
            "workflow_job queued",
            "workflow_job in_progress",
            "workflow_job completed",
            "workflow_run completed");
  }

  @Test
  void listsRunsByStatus() throws InterruptedException {
    SandboxJob job = queue("job");

    assertThat(model.runs("acme/api", Optional.of(Status.QUEUED)))
        .extracting(SandboxRun::id)
        .containsExactly(job.runId());
    finish("r1", "success");
    assertThat(model.runs("acme/api", Optional.of(Status.QUEUED))).isEmpty();
    assertThat(model.runs("acme/api", Optional.of(Status.COMPLETED))).hasSize(1);
  }

  private SandboxJob queue(String name) {
    return model
        .queue("acme/api", List.of(new JobRequest(name, LABELS, List.of("true"))))
        .getFirst();
  }

  private SandboxModel.Seated register(String name) {
    return model.register(REPO, name, 1, LABELS);
  }

  private Optional<SandboxJob> poll(SandboxModel.Seated runner) throws InterruptedException {
    return model.poll(runner.registration().id(), runner.secret(), Duration.ZERO);
  }

  private void finish(String runnerName, String conclusion) throws InterruptedException {
    SandboxModel.Seated runner = register(runnerName);
    assertThat(poll(runner)).isPresent();
    model.done(runner.registration().id(), runner.secret(), conclusion);
  }

  private static void assertRefused(
      int status, org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(Refusal.class, e -> assertThat(e.status()).isEqualTo(status));
  }
}
