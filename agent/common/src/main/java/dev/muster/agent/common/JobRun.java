package dev.muster.agent.common;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

import dev.muster.agent.common.JobLauncher.RunningJob;
import dev.muster.agent.protocol.Instruction.Assign;
import dev.muster.agent.protocol.Phase;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * One job from its start to its last report. Ends by itself, at its deadline, when the appliance
 * asks, or when the machine goes; in each case no process of it is left.
 */
final class JobRun {
  /** What happens to a job. */
  private sealed interface Event {
    record Exited(int code) implements Event {}

    record Stop(Phase phase, String reason) implements Event {}

    record Seen(Notice notice) implements Event {}
  }

  /** How long before the machine goes its job is told to end, so that GitHub still hears of it. */
  private static final Duration BEFORE_GOING = Duration.ofSeconds(30);

  private final Assign assign;
  private final Duration heartbeat;
  private final Duration deadline;
  private final Grace grace;
  private final AgentTime time;
  private final Reports reports;
  private final LinkedBlockingQueue<Event> events = new LinkedBlockingQueue<>();

  /**
   * @param deadline the machine's hard deadline, as {@link AgentTime#elapsed}; the job's own {@code
   *     maxRuntime} may come first
   */
  JobRun(
      Assign assign,
      Duration heartbeat,
      Duration deadline,
      Grace grace,
      AgentTime time,
      Reports reports) {
    this.assign = assign;
    this.heartbeat = heartbeat;
    this.deadline = deadline;
    this.grace = grace;
    this.time = time;
    this.reports = reports;
  }

  /** Asks for the job's end; from any thread. */
  void stop(Phase phase, String reason) {
    events.add(new Event.Stop(phase, reason));
  }

  /** Tells of something about the machine; from any thread. */
  void see(Notice notice) {
    events.add(new Event.Seen(notice));
  }

  /** Runs the job and hands every report to {@code reporter}; says in words how it went. */
  String run(JobLauncher launcher, RunnerLog log, Reporter reporter) throws InterruptedException {
    reporter.send(reports.of(Phase.STARTING));
    RunningJob job;
    try {
      job = launcher.start(assign, log, code -> events.add(new Event.Exited(code)));
    } catch (IOException e) {
      String detail = "start %s: %s".formatted(assign.command().getFirst(), e.getMessage());
      reporter.send(reports.of(Phase.FAILED, detail));
      return "job %s failed: %s".formatted(assign.job(), detail);
    }
    Duration ownDeadline = time.elapsed().plus(assign.maxRuntime());
    reporter.send(reports.of(Phase.RUNNING));
    return switch (awaitEnd(ownDeadline, reporter)) {
      case Event.Exited(int code) -> finish(job, log, code, null, Grace.NONE, reporter);
      case Event.Stop(Phase phase, String reason) -> {
        reporter.send(reports.of(phase, reason));
        yield finish(job, log, null, reason, grace, reporter);
      }
      case Event.Seen(Notice notice) -> throw new IllegalStateException("no end: " + notice);
    };
  }

  private String finish(
      RunningJob job,
      RunnerLog log,
      @Nullable Integer exited,
      @Nullable String reason,
      Grace grace,
      Reporter reporter)
      throws InterruptedException {
    // After a job that ended by itself too: what it left behind must not outlive it.
    job.terminate(grace);
    log.flush();
    int code = exited != null ? exited : exitCode();
    reporter.send(reports.of(Phase.FINISHED, reason, code, log.tail()));
    return "job %s ended with exit code %d%s"
        .formatted(assign.job(), code, reason == null ? "" : " (" + reason + ")");
  }

  private Event awaitEnd(Duration ownDeadline, Reporter reporter) throws InterruptedException {
    List<Limit> limits = new ArrayList<>();
    limits.add(new Limit(deadline, "the machine's hard deadline has come"));
    limits.add(new Limit(ownDeadline, "over its maximum runtime of " + assign.maxRuntime()));
    Duration nextBeat = time.elapsed().plus(heartbeat);
    while (true) {
      Duration now = time.elapsed();
      for (Limit limit : limits) {
        if (now.compareTo(limit.at()) >= 0) {
          return new Event.Stop(Phase.STOPPING, limit.reason());
        }
      }
      if (now.compareTo(nextBeat) >= 0) {
        reporter.sendIfIdle(() -> reports.of(Phase.HEARTBEAT));
        nextBeat = now.plus(heartbeat);
      }
      switch (events.poll(soonest(limits, nextBeat).minus(now).toMillis() + 1, MILLISECONDS)) {
        case null -> {}
        case Event.Seen(Notice.Interruption going) -> {
          reporter.send(reports.of(Phase.INTERRUPTED, going.text()));
          limits.add(new Limit(toldToEnd(going), going.text()));
        }
        case Event.Seen(Notice.Remark remark) ->
            reporter.send(reports.of(Phase.NOTICE, remark.text()));
        case Event.Exited exited -> {
          return exited;
        }
        case Event.Stop stop -> {
          return stop;
        }
      }
    }
  }

  /** As {@link AgentTime#elapsed}; the notice is by the wall clock. */
  private Duration toldToEnd(Notice.Interruption going) {
    return time.elapsed().plus(Duration.between(time.now(), going.at()).minus(BEFORE_GOING));
  }

  /** After everything was ended; 137 (KILL) when even that did not make it go. */
  private int exitCode() throws InterruptedException {
    Duration most = Duration.ofSeconds(2);
    for (Event event = next(most); event != null; event = next(most)) {
      if (event instanceof Event.Exited(int code)) {
        return code;
      }
    }
    return 137;
  }

  private @Nullable Event next(Duration most) throws InterruptedException {
    return events.poll(most.toMillis(), MILLISECONDS);
  }

  private static Duration soonest(List<Limit> limits, Duration beat) {
    return limits.stream().map(Limit::at).reduce(beat, (a, b) -> a.compareTo(b) < 0 ? a : b);
  }

  /** A moment, as {@link AgentTime#elapsed}, at which the job is told to end, and why. */
  private record Limit(Duration at, String reason) {}
}
