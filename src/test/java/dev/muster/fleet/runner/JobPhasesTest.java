package dev.muster.fleet.runner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.fleet.job.Job;
import dev.muster.fleet.job.JobFacts;
import dev.muster.fleet.job.JobId;
import dev.muster.fleet.job.JobState;
import dev.muster.fleet.job.TimelineEntry;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class JobPhasesTest {
  private static final Instant QUEUED = Instant.parse("2026-03-01T12:00:00Z");

  private static final Job JOB =
      Job.first(
          new JobFacts(
              new JobId(1),
              7,
              1,
              "acme/api",
              "build",
              Optional.empty(),
              List.of("muster/runner=here"),
              Optional.empty(),
              Optional.empty(),
              OptionalLong.empty(),
              true,
              QUEUED),
          JobState.COMPLETED,
          Optional.empty());

  private static TimelineEntry at(int second, String event) {
    return new TimelineEntry(QUEUED.plusSeconds(second), event, "");
  }

  /** As {@code queued 0-1}, and {@code running 20-} for what lasts. */
  private static List<String> words(
      List<TimelineEntry> timeline, Optional<JobPhases.Machine> machine) {
    return JobPhases.of(JOB, timeline, machine).stream()
        .map(phase ->
            phase.kind().name().toLowerCase(java.util.Locale.ROOT)
                + " "
                + second(phase.from())
                + "-"
                + phase.to().map(to -> Long.toString(second(to))).orElse(""))
        .toList();
  }

  private static long second(Instant at) {
    return java.time.Duration.between(QUEUED, at).toSeconds();
  }

  @Test
  void coldStartLiesBesideTheWait() {
    List<TimelineEntry> timeline =
        List.of(
            at(0, "queued"),
            at(1, "placed"),
            at(30, "assigned"),
            at(32, "agent starting"),
            at(33, "agent running"),
            at(36, "started"),
            at(90, "agent finished"),
            at(91, "completed"));
    JobPhases.Machine machine =
        new JobPhases.Machine(
            QUEUED.plusSeconds(2),
            List.of(at(4, "booting"), at(29, "ready"), at(30, "assigned"), at(95, "terminated")));
    assertThat(words(timeline, Optional.of(machine)))
        .containsExactly(
            "queued 0-1",
            "waiting 1-30",
            "machine 2-29",
            "registering 30-32",
            "starting 32-36",
            "running 36-91",
            "ending 91-95");
  }

  @Test
  void warmMachineStartedForNobody() {
    List<TimelineEntry> timeline = List.of(at(0, "queued"), at(0, "placed"), at(1, "assigned"));
    JobPhases.Machine machine =
        new JobPhases.Machine(QUEUED.minusSeconds(600), List.of(at(-500, "ready")));
    assertThat(words(timeline, Optional.of(machine)))
        .containsExactly("queued 0-0", "waiting 0-1", "registering 1-");
  }

  @Test
  void stoppedMachineCountsFromItsStart() {
    List<TimelineEntry> timeline = List.of(at(0, "queued"), at(1, "placed"), at(20, "assigned"));
    JobPhases.Machine machine =
        new JobPhases.Machine(
            QUEUED.minusSeconds(600),
            List.of(at(-500, "ready"), at(-400, "stopped"), at(2, "starting"), at(19, "ready")));
    assertThat(words(timeline, Optional.of(machine))).contains("machine 2-19");
  }

  @Test
  void jobThatGoesBackWaitsAgain() {
    List<TimelineEntry> timeline =
        List.of(
            at(0, "queued"),
            at(1, "held"),
            at(3, "placed"),
            at(5, "assigned"),
            at(9, "returned"),
            at(12, "assigned"),
            at(20, "lost"));
    assertThat(words(timeline, Optional.empty()))
        .containsExactly(
            "queued 0-1",
            "held 1-3",
            "waiting 3-5",
            "registering 5-9",
            "waiting 9-12",
            "registering 12-20");
  }

  @Test
  void whatComesLateOrOutOfOrderBeginsNothing() {
    List<TimelineEntry> timeline = new ArrayList<>();
    timeline.add(at(0, "queued"));
    timeline.add(at(1, "placed"));
    timeline.add(at(5, "started"));
    timeline.add(at(9, "completed"));
    timeline.add(at(6, "agent starting")); // came last, and its clock is ahead
    timeline.add(at(11, "agent finished"));
    timeline.add(at(12, "interrupted"));
    assertThat(words(timeline, Optional.empty()))
        .containsExactly("queued 0-1", "waiting 1-5", "running 5-9");
  }

  @Test
  void jobWithoutAStoryWaitsSinceItWasMade() {
    assertThat(words(List.of(), Optional.empty())).containsExactly("queued 0-");
  }
}
