package dev.muster.fleet.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;

class JobTransitionTest {
  private static final Instant T0 = Instant.parse("2026-03-01T12:00:00Z");
  private static final JobEvent QUEUED = new JobEvent.Queued(T0);
  private static final JobEvent STARTED =
      new JobEvent.Started(T0.plusSeconds(10), Optional.of("r-1"), "muster-1");
  private static final JobEvent COMPLETED =
      new JobEvent.Completed(T0.plusSeconds(60), "success", Optional.of("muster-1"));
  private static final JobEvent FAILED =
      new JobEvent.Completed(T0.plusSeconds(60), "failure", Optional.of("muster-1"));
  private static final Placement POOL = new Placement("default", "dev", "local");

  static Job job(JobEvent first) {
    JobFacts facts =
        new JobFacts(
            new JobId(7),
            1,
            1,
            "acme/hello",
            "build",
            Optional.empty(),
            List.of("muster=1", "runner=here"),
            Optional.empty(),
            Optional.empty(),
            OptionalLong.empty(),
            true,
            T0);
    return JobTransition.begin(Job.first(facts, JobState.QUEUED, Optional.empty()), first);
  }

  @Test
  void anyOrderAndDuplicationOfWebhooksEndsInTheTrueState() {
    Random random = new Random(42);
    for (int round = 0; round < 2_000; round++) {
      List<JobEvent> events = new ArrayList<>(List.of(QUEUED, STARTED, COMPLETED));
      for (int extra = random.nextInt(5); extra > 0; extra--) {
        events.add(
            List.of(
                    QUEUED,
                    STARTED,
                    COMPLETED,
                    new JobEvent.Waiting(),
                    new JobEvent.Placed(POOL),
                    new JobEvent.Assigned("r-1", "muster-1"),
                    new JobEvent.Assigned("r-2", "muster-2"),
                    new JobEvent.Returned("its runner is gone"),
                    new JobEvent.Rejected("no such runner"),
                    new JobEvent.Vanished(),
                    new JobEvent.Found())
                .get(random.nextInt(11)));
      }
      Collections.shuffle(events, random);
      Job job = after(events);
      assertThat(job.state()).as(events.toString()).isEqualTo(JobState.COMPLETED);
      assertThat(job.conclusion()).contains("success");
      assertThat(job.times().completed()).contains(T0.plusSeconds(60));
      assertThat(job.times().started()).as(events.toString()).contains(T0.plusSeconds(10));
      assertThat(job.times().queued()).as(events.toString()).contains(T0);
      assertThat(job.runnerName()).as(events.toString()).isPresent();
    }
  }

  @Test
  void withoutAnEndTheNewestStageStandsWhateverTheOrder() {
    assertThat(after(List.of(STARTED, QUEUED)).state()).isEqualTo(JobState.RUNNING);
    assertThat(after(List.of(QUEUED, QUEUED)).state()).isEqualTo(JobState.QUEUED);
    assertThat(after(List.of(new JobEvent.Waiting())).state()).isEqualTo(JobState.WAITING);
    assertThat(after(List.of(new JobEvent.Waiting(), QUEUED)).state()).isEqualTo(JobState.QUEUED);
    assertThat(after(List.of(QUEUED, new JobEvent.Waiting())).state()).isEqualTo(JobState.QUEUED);
    assertThat(after(List.of(STARTED)).state()).isEqualTo(JobState.RUNNING);
    assertThat(after(List.of(COMPLETED)).state()).isEqualTo(JobState.COMPLETED);
  }

  @Test
  void startThatComesAfterTheEndStillTellsWhereItRan() {
    Job job = after(List.of(new JobEvent.Completed(T0, "failure", Optional.empty()), STARTED));
    assertThat(job.state()).isEqualTo(JobState.COMPLETED);
    assertThat(job.runner()).contains("r-1");
    assertThat(job.runnerName()).contains("muster-1");
  }

  @Test
  void anotherRunnerThanTheReservedOneIsTheTruth() {
    Job job = after(List.of(QUEUED, new JobEvent.Assigned("r-2", "muster-2"), STARTED));
    assertThat(job.runner()).contains("r-1");
    assertThat(after(List.of(QUEUED, STARTED, new JobEvent.Assigned("r-2", "x"))).runner())
        .contains("r-1");
  }

  @Test
  void interruptedIsFinalAndKeepsSayingWhy() {
    Job job =
        after(
            List.of(
                QUEUED,
                STARTED,
                FAILED,
                new JobEvent.Interrupted("spot"),
                FAILED,
                STARTED,
                QUEUED,
                new JobEvent.Placed(POOL)));
    assertThat(job.state()).isEqualTo(JobState.INTERRUPTED);
    assertThat(job.reason()).contains("spot");
    assertThat(job.conclusion()).contains("failure");
  }

  @Test
  void jobThatEndedWellOrRunsYetIsNotInterrupted() {
    JobEvent interrupted = new JobEvent.Interrupted("spot");
    assertThat(after(List.of(QUEUED, STARTED, COMPLETED, interrupted)).state())
        .isEqualTo(JobState.COMPLETED);
    assertThat(after(List.of(QUEUED, STARTED, interrupted)).state()).isEqualTo(JobState.RUNNING);
  }

  @Test
  void rejectedJobIsPlacedOnceTheConfigServesIt() {
    Job rejected = after(List.of(QUEUED, new JobEvent.Rejected("no such runner")));
    assertThat(rejected.state()).isEqualTo(JobState.REJECTED);
    Job placed = JobTransition.apply(rejected, new JobEvent.Placed(POOL), T0).job();
    assertThat(placed.state()).isEqualTo(JobState.QUEUED);
    assertThat(placed.placement()).contains(POOL);
  }

  @Test
  void lostJobIsBroughtBackByGitHubsAnswerAndByNoWebhookThatMayBeOlder() {
    Job lost =
        after(List.of(QUEUED, new JobEvent.Assigned("r-1", "muster-1"), new JobEvent.Vanished()));
    assertThat(lost.state()).isEqualTo(JobState.LOST);
    for (JobEvent old : List.of(QUEUED, new JobEvent.Waiting(), new JobEvent.Placed(POOL))) {
      JobTransition.Result result = JobTransition.apply(lost, old, T0.plusSeconds(200));
      assertThat(result.job().state()).as(old.toString()).isEqualTo(JobState.LOST);
      assertThat(result.changed()).as(old.toString()).isFalse();
    }
    JobTransition.Result found =
        JobTransition.apply(lost, new JobEvent.Found(), T0.plusSeconds(200));
    assertThat(found.job().state()).isEqualTo(JobState.QUEUED);
    assertThat(found.job().runner()).as("it wants one anew").isEmpty();
    assertThat(found.job().times().completed()).isEmpty();
    assertThat(found.job().times().queued()).as("it waits since it was queued").contains(T0);
    assertThat(found.job().reason()).isEmpty();
    assertThat(found.entry())
        .contains(
            new TimelineEntry(
                T0.plusSeconds(200),
                "found",
                "GitHub knows this job again, and it waits for a runner"));
  }

  @Test
  void jobThatIsNotLostCannotBeFound() {
    JobEvent found = new JobEvent.Found();
    JobEvent assigned = new JobEvent.Assigned("r-1", "muster-1");
    for (List<JobEvent> history :
        List.of(
            List.of(QUEUED),
            List.of(QUEUED, assigned),
            List.of(QUEUED, STARTED),
            List.of(QUEUED, COMPLETED),
            List.of(QUEUED, STARTED, FAILED, new JobEvent.Interrupted("spot")),
            List.of(QUEUED, new JobEvent.Rejected("no such runner")))) {
      Job job = after(history);
      assertThat(JobTransition.apply(job, found, T0.plusSeconds(200)).job())
          .as(history.toString())
          .isEqualTo(job);
    }
  }

  @Test
  void lostJobThatRunsAllTheSameHasNotEnded() {
    Job job = after(List.of(QUEUED, new JobEvent.Vanished(), STARTED));
    assertThat(job.state()).isEqualTo(JobState.RUNNING);
    assertThat(job.times().completed()).isEmpty();
    assertThat(job.reason()).isEmpty();
  }

  private static Job after(List<JobEvent> events) {
    Job job = job(events.getFirst());
    for (JobEvent event : events) {
      job = JobTransition.apply(job, event, T0.plusSeconds(99)).job();
    }
    return job;
  }
}
