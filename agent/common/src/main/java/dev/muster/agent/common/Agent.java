package dev.muster.agent.common;

import dev.muster.agent.common.ApplianceLink.LinkDown;
import dev.muster.agent.common.ApplianceLink.Refused;
import dev.muster.agent.protocol.EnrollRequest;
import dev.muster.agent.protocol.Instruction;
import dev.muster.agent.protocol.Instruction.Assign;
import dev.muster.agent.protocol.Phase;
import dev.muster.agent.protocol.ReportReply;
import dev.muster.agent.protocol.Secret;
import dev.muster.agent.protocol.SessionGrant;
import dev.muster.agent.protocol.SessionRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** One machine's life: a session, one assignment, one job, the end. */
public final class Agent {
  /** A poll that comes back empty sooner than this was cut short by something between. */
  private static final Duration SHORTEST_POLL = Duration.ofSeconds(1);

  /** What the agent lives on, from {@link AgentProgram} or a test. */
  public record Surroundings(
      Machine machine,
      ApplianceLink link,
      JobLauncher launcher,
      AgentTime time,
      RandomGenerator random,
      Limits limits,
      Consumer<String> log) {}

  private final AgentConfig config;
  private final PrivateFile configFile;
  private final SessionFile sessions;
  private final Surroundings around;
  private final Reports reports;
  private volatile @Nullable JobRun job;

  public Agent(
      AgentConfig config, PrivateFile configFile, SessionFile sessions, Surroundings around) {
    this.config = config;
    this.configFile = configFile;
    this.sessions = sessions;
    this.around = around;
    this.reports = new Reports(around.time());
  }

  /** Runs to the end of the machine's work. */
  public AgentResult run() throws InterruptedException {
    try {
      Optional<SessionGrant> grant = enter();
      if (grant.isEmpty()) {
        return new AgentResult.NoCredential(
            configFile.path()
                + " holds no launch secret and there is no session: this machine has already had"
                + " its assignment; launch a new one");
      }
      around.log().accept("enrolled as runner " + grant.get().runner());
      return serve(grant.get());
    } catch (OutOfTime e) {
      return e.result;
    }
  }

  /** The machine is going: ends a running job. False when there is none. */
  public boolean interrupt(String reason) {
    JobRun running = job;
    if (running == null) {
      return false;
    }
    running.stop(Phase.INTERRUPTED, reason);
    return true;
  }

  private Optional<SessionGrant> enter() throws InterruptedException {
    Optional<Secret> known = sessions.load();
    if (known.isPresent()) {
      try {
        SessionRequest request = new SessionRequest(around.machine().boot());
        SessionGrant grant = persistently(() -> around.link().rotate(known.get(), request));
        return Optional.of(remember(grant));
      } catch (Refused e) {
        if (!e.credentialUnknown() || config.secret() == null) {
          throw new OutOfTime(new AgentResult.Stopped("session: " + e.getMessage()));
        }
      }
    }
    Secret secret = config.secret();
    return secret == null ? Optional.empty() : Optional.of(enroll(secret));
  }

  private SessionGrant enroll(Secret secret) throws InterruptedException {
    EnrollRequest request =
        new EnrollRequest(
            config.launch(),
            secret,
            config.instance(),
            around.machine().boot(),
            around.machine().os(),
            around.machine().arch(),
            around.machine().version(),
            null);
    try {
      return remember(persistently(() -> around.link().enroll(request)));
    } catch (Refused e) {
      throw new OutOfTime(new AgentResult.Rejected("enrolment: " + e.getMessage()));
    }
  }

  /** The session is on disk before the secret is off it, and before the session is first used. */
  private SessionGrant remember(SessionGrant grant) {
    sessions.save(grant.session());
    try {
      AgentConfig.forgetSecret(configFile);
    } catch (IOException e) {
      throw new UncheckedIOException("remove the launch secret from " + configFile.path(), e);
    }
    return grant;
  }

  private AgentResult serve(SessionGrant grant) throws InterruptedException {
    try {
      ReportReply ready =
          persistently(() -> around.link().report(grant.session(), reports.of(Phase.READY)));
      if (ready.stop()) {
        return toldToStop(String.valueOf(ready.reason()));
      }
      return switch (awaitInstruction(grant)) {
        case Assign assign -> work(assign, grant.heartbeat());
        case Instruction.Stop(String reason) -> toldToStop(reason);
      };
    } catch (Refused e) {
      sessions.forget();
      return new AgentResult.Stopped("no longer known to the appliance: " + e.getMessage());
    }
  }

  private AgentResult toldToStop(String reason) {
    sessions.forget();
    return new AgentResult.Stopped("told to stop: " + reason);
  }

  private Instruction awaitInstruction(SessionGrant grant) throws InterruptedException {
    while (true) {
      Duration begin = around.time().elapsed();
      Optional<Instruction> instruction =
          persistently(() -> around.link().poll(grant.session(), grant.pollWait()));
      if (instruction.isPresent()) {
        return instruction.get();
      }
      requireTime();
      if (around.time().elapsed().minus(begin).compareTo(SHORTEST_POLL) < 0) {
        around.time().sleep(SHORTEST_POLL);
      }
    }
  }

  private AgentResult work(Assign assign, Duration heartbeat) throws InterruptedException {
    sessions.forget();
    Limits limits = around.limits();
    JobRun run =
        new JobRun(
            assign, heartbeat, config.hardDeadline(), limits.grace(), around.time(), reports);
    job = run;
    try (Reporter reporter =
        new Reporter(
            around.link(),
            assign.reportToken(),
            around.time(),
            new Backoff(limits, around.random()),
            reason -> run.stop(Phase.STOPPING, reason),
            around.log())) {
      reporter.start();
      around.log().accept("assigned job %s as %s".formatted(assign.job(), assign.name()));
      String outcome = run.run(around.launcher(), RunnerLog.in(config.home(), assign), reporter);
      boolean heard = reporter.flush(limits.finalReportFor());
      return new AgentResult.JobDone(
          heard ? outcome : outcome + "; the appliance could not be told");
    }
  }

  /** Tries until an answer comes, the appliance has been away too long, or the deadline is here. */
  private <T> T persistently(Supplier<T> call) throws InterruptedException {
    Backoff backoff = new Backoff(around.limits(), around.random());
    Duration giveUp = around.time().elapsed().plus(around.limits().giveUpAfter());
    while (true) {
      try {
        return call.get();
      } catch (LinkDown e) {
        requireTime();
        if (around.time().elapsed().compareTo(giveUp) >= 0) {
          throw new OutOfTime(
              new AgentResult.GaveUp(
                  "the appliance has not been reachable for %s: %s"
                      .formatted(around.limits().giveUpAfter(), e.getMessage())));
        }
        around.time().sleep(backoff.next());
      }
    }
  }

  private void requireTime() {
    if (around.time().elapsed().compareTo(config.hardDeadline()) >= 0) {
      throw new OutOfTime(
          new AgentResult.Stopped("the hard deadline has come without an assignment"));
    }
  }

  /** Carries an early end past the waiting loops. */
  private static final class OutOfTime extends RuntimeException {
    private final transient AgentResult result;

    OutOfTime(AgentResult result) {
      super(result.message());
      this.result = result;
    }
  }
}
