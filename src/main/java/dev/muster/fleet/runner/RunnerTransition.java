package dev.muster.fleet.runner;

import static dev.muster.fleet.runner.RunnerState.ASSIGNED;
import static dev.muster.fleet.runner.RunnerState.BOOTING;
import static dev.muster.fleet.runner.RunnerState.BUSY;
import static dev.muster.fleet.runner.RunnerState.FAILED;
import static dev.muster.fleet.runner.RunnerState.LAUNCHING;
import static dev.muster.fleet.runner.RunnerState.PLANNED;
import static dev.muster.fleet.runner.RunnerState.READY;
import static dev.muster.fleet.runner.RunnerState.REGISTERED;
import static dev.muster.fleet.runner.RunnerState.STARTING;
import static dev.muster.fleet.runner.RunnerState.STOPPED;
import static dev.muster.fleet.runner.RunnerState.STOPPING;
import static dev.muster.fleet.runner.RunnerState.TERMINATED;
import static dev.muster.fleet.runner.RunnerState.TERMINATING;

import dev.muster.fleet.job.JobId;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * The states of a runner as a pure function. An event that does not fit the state changes nothing:
 * agents repeat themselves, clouds answer late, and deciders race; what is true is settled by the
 * next look at the world.
 */
public final class RunnerTransition {
  /** How long after a job's end its agent may be silent. */
  private static final Duration SAY_SO = Duration.ofMinutes(2);

  private RunnerTransition() {}

  /** The runner after {@code event}; the same object where the event changes nothing. */
  public static Runner apply(Runner runner, RunnerEvent event, Instant now, Deadlines limits) {
    RunnerState state = runner.state();
    return switch (event) {
      case RunnerEvent.Launching() ->
          state == PLANNED ? runner.enter(LAUNCHING, now, in(now, limits.enrol())) : runner;
      case RunnerEvent.Launched(String instance) -> launched(runner, instance, now, limits);
      case RunnerEvent.Enrolled() ->
          Set.of(LAUNCHING, BOOTING, STARTING).contains(state)
              ? runner.clear().enter(READY, now, Optional.empty())
              : runner;
      case RunnerEvent.Assigned(var job, String name) ->
          state == READY
              ? runner
                  .reserved(Optional.of(new Reservation(job, name, OptionalLong.empty())))
                  .enter(ASSIGNED, now, in(now, limits.register()))
              : runner;
      case RunnerEvent.Registered(long githubId) ->
          state == ASSIGNED
              ? runner
                  .reserved(runner.reservation().map(r -> r.registered(githubId)))
                  .enter(REGISTERED, now, in(now, limits.idle()))
              : runner;
      case RunnerEvent.Rebound(var job) -> rebound(runner, job, limits);
      case RunnerEvent.Started(var job) ->
          Set.of(ASSIGNED, REGISTERED).contains(state)
              ? runner
                  .clear()
                  .reserved(runner.reservation().map(r -> r.serving(job)))
                  .enter(BUSY, now, in(now, limits.run()))
              : runner;
      case RunnerEvent.Reassigned(String name) ->
          Set.of(ASSIGNED, REGISTERED).contains(state)
              ? runner
                  .reserved(
                      runner
                          .reservation()
                          .map(r -> new Reservation(r.job(), name, OptionalLong.empty())))
                  .enter(ASSIGNED, now, in(now, limits.register()))
              : runner;
      case RunnerEvent.Released(String reason) ->
          Set.of(ASSIGNED, REGISTERED).contains(state)
              ? runner.because(reason).enter(state, runner.since(), in(now, Duration.ZERO))
              : runner;
      case RunnerEvent.JobEnded() ->
          state == BUSY && runner.reason().isEmpty()
              ? runner
                  .because("its job is over and its agent does not say so")
                  .enter(BUSY, runner.since(), in(now, SAY_SO))
              : runner;
      case RunnerEvent.FoundBusy() ->
          Set.of(ASSIGNED, REGISTERED).contains(state)
              ? runner.clear().enter(BUSY, now, in(now, limits.run()))
              : runner;
      case RunnerEvent.StopWanted(String reason) ->
          state == READY
              ? runner.because(reason).enter(STOPPING, now, in(now, limits.settle()))
              : runner;
      case RunnerEvent.Stopped() ->
          state == STOPPING ? runner.enter(STOPPED, now, Optional.empty()) : runner;
      case RunnerEvent.StartWanted(String reason) ->
          state == STOPPED
              ? runner.because(reason).enter(STARTING, now, in(now, limits.enrol()))
              : runner;
      case RunnerEvent.TerminateWanted(String reason) -> terminate(runner, reason, now, limits);
      case RunnerEvent.Terminated(String reason) ->
          state == TERMINATED
              ? runner
              : (state == TERMINATING || state == FAILED ? runner : runner.because(reason))
                  .enter(TERMINATED, now, Optional.empty());
      case RunnerEvent.Failed(String reason) ->
          state == TERMINATED || state == FAILED
              ? runner
              : runner.because(reason).enter(FAILED, now, in(now, Duration.ZERO));
    };
  }

  /** It may have been released before: then its state's own deadline holds again. */
  private static Runner rebound(Runner runner, JobId job, Deadlines limits) {
    if (runner.state() != ASSIGNED && runner.state() != REGISTERED) {
      return runner;
    }
    Duration limit = runner.state() == ASSIGNED ? limits.register() : limits.idle();
    return runner
        .clear()
        .reserved(runner.reservation().map(r -> r.serving(job)))
        .enter(runner.state(), runner.since(), in(runner.since(), limit));
  }

  private static Runner launched(Runner runner, String instance, Instant now, Deadlines limits) {
    Runner placed = runner.instance().isEmpty() ? runner.on(instance) : runner;
    return switch (runner.state()) {
      // Its agent may be quicker than the cloud's answer: then only the instance is news.
      case PLANNED, LAUNCHING -> placed.enter(BOOTING, now, in(now, limits.enrol()));
      case BOOTING, READY, ASSIGNED, REGISTERED, BUSY, STOPPING, STOPPED, STARTING -> placed;
      case TERMINATING, TERMINATED, FAILED -> placed;
    };
  }

  private static Runner terminate(Runner runner, String reason, Instant now, Deadlines limits) {
    return switch (runner.state()) {
      case TERMINATING, TERMINATED -> runner;
      case FAILED -> runner.enter(TERMINATING, now, in(now, limits.settle()));
      case PLANNED, LAUNCHING, BOOTING, READY, ASSIGNED, REGISTERED, BUSY ->
          runner.because(reason).enter(TERMINATING, now, in(now, limits.settle()));
      case STOPPING, STOPPED, STARTING ->
          runner.because(reason).enter(TERMINATING, now, in(now, limits.settle()));
    };
  }

  private static Optional<Instant> in(Instant now, Duration limit) {
    return Optional.of(now.plus(limit));
  }
}
