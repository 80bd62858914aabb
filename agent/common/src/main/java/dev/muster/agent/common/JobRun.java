package dev.muster.agent.common;

import dev.muster.agent.common.JobLauncher.RunningJob;
import dev.muster.agent.protocol.Instruction.Assign;
import dev.muster.agent.protocol.Phase;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One job from its start to its last report. Ends by itself, at its deadline, when the appliance
 * asks, or when the machine goes; in each case no process of it is left.
 */
final class JobRun {
  /** What can end a job. */
  private sealed interface End {
    record Exited(int code) implements End {}

    record Stop(Phase phase, String reason) implements End {}
  }

  private final Assign assign;
  private final Duration heartbeat;
  private final Duration deadline;
  private final Grace grace;
  private final AgentTime time;
  private final Reports reports;
  private final LinkedBlockingQueue<End> ends = new LinkedBlockingQueue<>();

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
    ends.add(new End.Stop(phase, reason));
  }

  /** Runs the job and hands every report to {@code reporter}; says in words how it went. */
  String run(JobLauncher launcher, RunnerLog log, Reporter reporter) throws InterruptedException {
    reporter.send(reports.of(Phase.STARTING));
    RunningJob job;
    try {
      job = launcher.start(assign, log, code -> ends.add(new End.Exited(code)));
    } catch (IOException e) {
      String detail = "start %s: %s".formatted(assign.command().getFirst(), e.getMessage());
      reporter.send(reports.of(Phase.FAILED, detail));
      return "job %s failed: %s".formatted(assign.job(), detail);
    }
    Duration ownDeadline = time.elapsed().plus(assign.maxRuntime());
    reporter.send(reports.of(Phase.RUNNING));
    return switch (awaitEnd(ownDeadline, reporter)) {
      case End.Exited(int code) -> finish(job, log, code, null, Grace.NONE, reporter);
      case End.Stop(Phase phase, String reason) -> {
        reporter.send(reports.of(phase, reason));
        yield finish(job, log, null, reason, grace, reporter);
      }
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
    int code = exited != null ? exited : exitCode();
    reporter.send(reports.of(Phase.FINISHED, reason, code, log.tail()));
    return "job %s ended with exit code %d%s"
        .formatted(assign.job(), code, reason == null ? "" : " (" + reason + ")");
  }

  private End awaitEnd(Duration ownDeadline, Reporter reporter) throws InterruptedException {
    Duration nextBeat = time.elapsed().plus(heartbeat);
    while (true) {
      Duration now = time.elapsed();
      if (now.compareTo(deadline) >= 0) {
        return new End.Stop(Phase.STOPPING, "the machine's hard deadline has come");
      }
      if (now.compareTo(ownDeadline) >= 0) {
        return new End.Stop(Phase.STOPPING, "over its maximum runtime of " + assign.maxRuntime());
      }
      if (now.compareTo(nextBeat) >= 0) {
        reporter.sendIfIdle(() -> reports.of(Phase.HEARTBEAT));
        nextBeat = now.plus(heartbeat);
      }
      End end =
          ends.poll(
              soonest(deadline, ownDeadline, nextBeat).minus(now).toMillis() + 1,
              TimeUnit.MILLISECONDS);
      if (end != null) {
        return end;
      }
    }
  }

  /** After everything was ended; 137 (KILL) when even that did not make it go. */
  private int exitCode() throws InterruptedException {
    Duration most = Duration.ofSeconds(2);
    for (End end = next(most); end != null; end = next(most)) {
      if (end instanceof End.Exited(int code)) {
        return code;
      }
    }
    return 137;
  }

  private @Nullable End next(Duration most) throws InterruptedException {
    return ends.poll(most.toMillis(), TimeUnit.MILLISECONDS);
  }

  private static Duration soonest(Duration a, Duration b, Duration c) {
    Duration first = a.compareTo(b) < 0 ? a : b;
    return first.compareTo(c) < 0 ? first : c;
  }
}
