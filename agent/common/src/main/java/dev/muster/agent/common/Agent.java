package dev.muster.agent.common;

import dev.muster.agent.common.ApplianceLink.LinkDown;
import dev.muster.agent.common.ApplianceLink.Refused;
import dev.muster.agent.protocol.EnrollRequest;
import dev.muster.agent.protocol.Instruction;
import dev.muster.agent.protocol.Instruction.Assign;
import dev.muster.agent.protocol.LogChunk;
import dev.muster.agent.protocol.Phase;
import dev.muster.agent.protocol.ReportReply;
import dev.muster.agent.protocol.Secret;
import dev.muster.agent.protocol.SessionGrant;
import dev.muster.agent.protocol.SessionRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
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
      RunnerFiles runnerFiles,
      AgentTime time,
      RandomGenerator random,
      Limits limits,
      Consumer<String> log) {}

  private final AgentConfig config;
  private final PrivateFile configFile;
  private final SessionFile sessions;
  private final Surroundings around;
  private final Reports reports;
  private final Sequence chunks;
  private volatile @Nullable JobRun job;

  /** Who reports while there is no job. */
  private volatile @Nullable Reporter idle;

  /** Set when the machine is taken away before it has a job. */
  private volatile Notice.@Nullable Interruption going;

  public Agent(
      AgentConfig config, PrivateFile configFile, SessionFile sessions, Surroundings around) {
    this.config = config;
    this.configFile = configFile;
    this.sessions = sessions;
    this.around = around;
    this.reports = new Reports(around.time());
    this.chunks = new Sequence(around.time());
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
            config.identity().orElse(null));
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
    try (MachineWatch watch =
            new MachineWatch(lookouts(), this::see, around.limits().lookEvery(), around.log());
        Reporter reporter = reporter(grant.session(), reason -> {})) {
      List<Notice> fresh = freshness(grant);
      ReportReply ready =
          persistently(() -> around.link().report(grant.session(), reports.of(Phase.READY)));
      if (ready.stop()) {
        return toldToStop(String.valueOf(ready.reason()));
      }
      reporter.start();
      idle = reporter;
      fresh.forEach(this::see);
      shipBootLog(grant.session());
      watch.start();
      return switch (awaitInstruction(grant)) {
        case Assign assign -> assigned(assign, grant, reporter);
        case Instruction.Stop(String reason) -> {
          reporter.flush(around.limits().finalReportFor());
          yield toldToStop(reason);
        }
      };
    } catch (Refused e) {
      sessions.forget();
      return new AgentResult.Stopped("no longer known to the appliance: " + e.getMessage());
    }
  }

  private List<Lookout> lookouts() {
    List<Lookout> all = new ArrayList<>();
    config.metadata().ifPresent(address -> all.add(new SpotNotices(new Imds(address))));
    Path work = config.home().resolve("work");
    Path folder = Files.exists(work) ? work : config.home();
    all.add(new DiskWatch(folder, DiskWatch.Disk.of(folder)));
    return all;
  }

  private List<Notice> freshness(SessionGrant grant) {
    if (config.image().isEmpty()) {
      return List.of();
    }
    return new RunnerUpdate(
            config.image().get(),
            config.home().resolve("work"),
            around.runnerFiles(),
            config.user(),
            around.time())
        .bring(grant.release());
  }

  /** What happened before the appliance could hear of it; it may refuse, and nothing waits. */
  private void shipBootLog(Secret session) {
    Path file = config.home().resolve("boot.log");
    if (Files.notExists(file)) {
      return;
    }
    try {
      String text = Files.readString(file);
      String end = text.substring(Math.max(0, text.length() - LogChunk.LONGEST));
      around.link().log(session, new LogChunk(chunks.next(), end));
    } catch (IOException | LinkDown | Refused e) {
      around.log().accept("boot log: " + e.getMessage());
    }
  }

  /** Something about the machine, from any thread. */
  private synchronized void see(Notice notice) {
    around.log().accept(notice.text());
    JobRun running = job;
    Reporter reporter = idle;
    if (running != null) {
      running.see(notice);
      return;
    }
    if (notice instanceof Notice.Interruption interruption) {
      going = interruption;
    }
    if (reporter != null) {
      Phase phase =
          switch (notice) {
            case Notice.Interruption i -> Phase.INTERRUPTED;
            case Notice.Remark r -> Phase.NOTICE;
          };
      reporter.send(reports.of(phase, notice.text()));
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
      Notice.Interruption end = going;
      if (end != null) {
        return new Instruction.Stop(end.text());
      }
      requireTime();
      if (around.time().elapsed().minus(begin).compareTo(SHORTEST_POLL) < 0) {
        around.time().sleep(SHORTEST_POLL);
      }
    }
  }

  private AgentResult assigned(Assign assign, SessionGrant grant, Reporter reporter)
      throws InterruptedException {
    Limits limits = around.limits();
    JobRun run =
        new JobRun(
            assign,
            grant.heartbeat(),
            config.hardDeadline(),
            limits.grace(),
            around.time(),
            reports);
    Notice.Interruption end = beginUnlessGoing(run);
    if (end != null) {
      // Its job goes to another machine, which then has the time for it.
      reporter.send(reports.of(Phase.FAILED, end.text() + "; the job was not started"));
      reporter.flush(limits.finalReportFor());
      return toldToStop(end.text());
    }
    // Not long: what it has to say is good to know, and a job waits.
    boolean told = reporter.flush(Duration.ofSeconds(1));
    if (!told) {
      around.log().accept("assigned before everything was reported");
    }
    return work(assign, run);
  }

  private synchronized Notice.@Nullable Interruption beginUnlessGoing(JobRun run) {
    if (going == null) {
      job = run;
    }
    return going;
  }

  private AgentResult work(Assign assign, JobRun run) throws InterruptedException {
    sessions.forget();
    Limits limits = around.limits();
    try (Reporter reporter =
            reporter(assign.reportToken(), reason -> run.stop(Phase.STOPPING, reason));
        LogShipper shipper =
            new LogShipper(
                around.link(),
                assign.reportToken(),
                chunks,
                around.time(),
                new Backoff(limits, around.random()),
                around.log())) {
      reporter.start();
      shipper.start();
      around.log().accept("assigned job %s as %s".formatted(assign.job(), assign.name()));
      RunnerLog output = RunnerLog.in(config.home(), assign, shipper);
      String outcome = run.run(around.launcher(), output, reporter);
      boolean heard = reporter.flush(limits.finalReportFor());
      return new AgentResult.JobDone(
          heard ? outcome : outcome + "; the appliance could not be told");
    }
  }

  private Reporter reporter(Secret token, Consumer<String> onStop) {
    return new Reporter(
        around.link(),
        token,
        around.time(),
        new Backoff(around.limits(), around.random()),
        onStop,
        around.log());
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
