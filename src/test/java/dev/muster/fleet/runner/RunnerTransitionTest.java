package dev.muster.fleet.runner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.fleet.job.JobId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RunnerTransitionTest {
  private static final Instant START = Instant.parse("2026-03-01T12:00:00Z");
  private static final Deadlines LIMITS = Deadlines.linux(Duration.ofHours(6));
  private static final JobId JOB = new JobId(1);
  private static final JobId OTHER = new JobId(2);
  private static final List<RunnerEvent> EVENTS =
      List.of(
          new RunnerEvent.Launching(),
          new RunnerEvent.Launched("i-1"),
          new RunnerEvent.Launched("i-2"),
          new RunnerEvent.Enrolled(),
          new RunnerEvent.Assigned(JOB, "muster-000000000001"),
          new RunnerEvent.Registered(7),
          new RunnerEvent.Rebound(OTHER),
          new RunnerEvent.Started(JOB),
          new RunnerEvent.Started(OTHER),
          new RunnerEvent.Reassigned("muster-000000000001-2"),
          new RunnerEvent.Released("released"),
          new RunnerEvent.JobEnded(),
          new RunnerEvent.FoundBusy(),
          new RunnerEvent.StopWanted("stop"),
          new RunnerEvent.Stopped(),
          new RunnerEvent.StartWanted("start"),
          new RunnerEvent.TerminateWanted("enough"),
          new RunnerEvent.Terminated("gone"),
          new RunnerEvent.Failed("broken"));

  /** Where a state may lead; everything may lead to TERMINATING, TERMINATED and FAILED too. */
  private static final Map<RunnerState, Set<RunnerState>> ONWARD = new EnumMap<>(RunnerState.class);

  static {
    Set<RunnerState> end =
        EnumSet.of(RunnerState.TERMINATING, RunnerState.TERMINATED, RunnerState.FAILED);
    ONWARD.put(RunnerState.PLANNED, EnumSet.of(RunnerState.LAUNCHING, RunnerState.BOOTING));
    ONWARD.put(RunnerState.LAUNCHING, EnumSet.of(RunnerState.BOOTING, RunnerState.READY));
    ONWARD.put(RunnerState.BOOTING, EnumSet.of(RunnerState.READY));
    ONWARD.put(RunnerState.READY, EnumSet.of(RunnerState.ASSIGNED, RunnerState.STOPPING));
    ONWARD.put(RunnerState.ASSIGNED, EnumSet.of(RunnerState.REGISTERED, RunnerState.BUSY));
    ONWARD.put(RunnerState.REGISTERED, EnumSet.of(RunnerState.ASSIGNED, RunnerState.BUSY));
    ONWARD.put(RunnerState.BUSY, EnumSet.noneOf(RunnerState.class));
    ONWARD.put(RunnerState.STOPPING, EnumSet.of(RunnerState.STOPPED));
    ONWARD.put(RunnerState.STOPPED, EnumSet.of(RunnerState.STARTING));
    ONWARD.put(RunnerState.STARTING, EnumSet.of(RunnerState.READY));
    ONWARD.put(RunnerState.FAILED, EnumSet.noneOf(RunnerState.class));
    ONWARD.put(RunnerState.TERMINATING, EnumSet.noneOf(RunnerState.class));
    ONWARD.values().forEach(next -> next.addAll(end));
    ONWARD.put(RunnerState.TERMINATED, EnumSet.noneOf(RunnerState.class));
  }

  @Test
  void anyStreamOfEventsFollowsTheDiagram() {
    Random random = new Random(5);
    Set<RunnerState> seen = EnumSet.noneOf(RunnerState.class);
    for (int round = 0; round < 4_000; round++) {
      Runner runner = planned();
      Instant now = START;
      List<String> story = new ArrayList<>();
      for (int step = 0; step < 25; step++) {
        now = now.plusSeconds(random.nextInt(100));
        // The ends come seldom, or no story would get far.
        int bound = random.nextInt(8) == 0 ? EVENTS.size() : EVENTS.size() - 3;
        RunnerEvent event = EVENTS.get(random.nextInt(bound));
        Runner next = RunnerTransition.apply(runner, event, now, LIMITS);
        story.add(event + " -> " + next.state());
        check(runner, next, story);
        runner = next;
        seen.add(next.state());
      }
    }
    assertThat(seen).containsAll(EnumSet.complementOf(EnumSet.of(RunnerState.PLANNED)));
  }

  private static void check(Runner before, Runner after, List<String> story) {
    if (after.state() != before.state()) {
      assertThat(ONWARD.get(before.state())).as("%s", story).contains(after.state());
    }
    before
        .instance()
        .ifPresent(machine ->
            assertThat(after.instance()).as("its machine stays; %s", story).contains(machine));
    boolean reserved =
        Set.of(RunnerState.ASSIGNED, RunnerState.REGISTERED, RunnerState.BUSY)
            .contains(after.state());
    if (reserved) {
      assertThat(after.reservation()).as("%s", story).isPresent();
    }
    if (after.state() == RunnerState.REGISTERED) {
      assertThat(after.reservation().orElseThrow().githubId()).as("%s", story).isPresent();
    }
    boolean restful =
        Set.of(RunnerState.READY, RunnerState.STOPPED, RunnerState.TERMINATED)
            .contains(after.state());
    if (!restful) {
      assertThat(after.deadline()).as("a state that has to be left; %s", story).isPresent();
    }
  }

  @Test
  void endedIsTheEnd() {
    Runner ended = after(new RunnerEvent.Terminated("gone"));
    for (RunnerEvent event : EVENTS) {
      Runner next = RunnerTransition.apply(ended, event, START.plusSeconds(9), LIMITS);
      assertThat(next.state()).as("%s", event).isEqualTo(RunnerState.TERMINATED);
      assertThat(next.reason()).as("%s", event).contains("gone");
    }
  }

  @Test
  void jobsEndShortensTheDeadlineOfARunnerThatWasStoppedBefore() {
    Runner busy =
        after(
            new RunnerEvent.Launched("i-1"),
            new RunnerEvent.Enrolled(),
            new RunnerEvent.StopWanted("surplus"),
            new RunnerEvent.Stopped(),
            new RunnerEvent.StartWanted("a job waits"),
            new RunnerEvent.Enrolled(),
            new RunnerEvent.Assigned(JOB, "muster-000000000001"),
            new RunnerEvent.Registered(7),
            new RunnerEvent.Started(JOB));
    assertThat(busy.reason()).isEmpty();
    Runner over = RunnerTransition.apply(busy, new RunnerEvent.JobEnded(), START, LIMITS);
    assertThat(over.deadline().orElseThrow()).isBefore(START.plus(Duration.ofMinutes(10)));
  }

  @Test
  void jobsEndShortensTheDeadlineOfARunnerThatWasFoundBusy() {
    Runner busy =
        after(
            new RunnerEvent.Launched("i-1"),
            new RunnerEvent.Enrolled(),
            new RunnerEvent.Assigned(JOB, "muster-000000000001"),
            new RunnerEvent.Registered(7),
            new RunnerEvent.Released("its job was cancelled"),
            new RunnerEvent.FoundBusy());
    Runner over = RunnerTransition.apply(busy, new RunnerEvent.JobEnded(), START, LIMITS);
    assertThat(over.deadline().orElseThrow()).isBefore(START.plus(Duration.ofMinutes(10)));
  }

  @Test
  void runnerThatWaitsForAnotherJobIsNotReleasedForTheOldReason() {
    Runner rebound =
        after(
            new RunnerEvent.Launched("i-1"),
            new RunnerEvent.Enrolled(),
            new RunnerEvent.Assigned(JOB, "muster-000000000001"),
            new RunnerEvent.Registered(7),
            new RunnerEvent.Released("its job was cancelled"),
            new RunnerEvent.Rebound(OTHER));
    assertThat(rebound.reason()).isEmpty();
    assertThat(rebound.deadline()).contains(START.plus(LIMITS.idle()));
  }

  private static Runner after(RunnerEvent... events) {
    Runner runner = planned();
    for (RunnerEvent event : events) {
      runner = RunnerTransition.apply(runner, event, START, LIMITS);
    }
    return runner;
  }

  private static Runner planned() {
    RunnerOrigin origin =
        new RunnerOrigin(
            new LaunchId("launch-0000000000000001"),
            "default",
            "local",
            "dev",
            "local",
            "here",
            "hash",
            START);
    return Runner.planned(new RunnerId("muster-000000000001"), origin, LIMITS);
  }
}
