package dev.muster.fleet.runner;

import dev.muster.agent.protocol.AgentApi;
import dev.muster.agent.protocol.EnrollRequest;
import dev.muster.agent.protocol.Instruction;
import dev.muster.agent.protocol.LogChunk;
import dev.muster.agent.protocol.Phase;
import dev.muster.agent.protocol.Report;
import dev.muster.agent.protocol.ReportReply;
import dev.muster.agent.protocol.RunnerRelease;
import dev.muster.agent.protocol.Secret;
import dev.muster.agent.protocol.SessionGrant;
import dev.muster.agent.protocol.SessionRequest;
import dev.muster.agentlink.AgentDesk;
import dev.muster.agentlink.AgentSession;
import dev.muster.fleet.job.Job;
import dev.muster.fleet.job.JobStore;
import dev.muster.fleet.job.TimelineEntry;
import dev.muster.kernel.queue.WorkKey;
import dev.muster.kernel.queue.WorkQueue;
import dev.muster.kernel.store.Database;
import dev.muster.kernel.store.Priority;
import dev.muster.kernel.store.Tx;
import dev.muster.kernel.store.Writer;
import dev.muster.kernel.tracing.TraceContext;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Answers the agents of runners. */
public final class RunnerDesk implements AgentDesk {
  /** A report whose time is further off came late, or its agent's clock is wrong. */
  private static final Duration SKEW = Duration.ofMinutes(1);

  private static final Duration WEBHOOK_PATIENCE = Duration.ofSeconds(60);
  private static final Duration POLL = Duration.ofSeconds(30);
  private static final Duration HEARTBEAT = Duration.ofSeconds(20);

  private final Database database;
  private final Writer writer;
  private final WorkQueue queue;
  private final InstantSource clock;
  private final Admissions admissions;
  private final Assignments assignments;
  private final DeadlinePolicy deadlines;
  private final InterruptedRunners interruptions;
  private final @Nullable RunnerRelease release;
  private final Credentials credentials = new Credentials();

  /**
   * Answers agents.
   *
   * @param release the GitHub runner that machines should have; empty for the one in their image
   */
  public RunnerDesk(
      Database database,
      Writer writer,
      WorkQueue queue,
      InstantSource clock,
      Admissions admissions,
      Assignments assignments,
      DeadlinePolicy deadlines,
      InterruptedRunners interruptions,
      Optional<RunnerRelease> release) {
    this.database = database;
    this.writer = writer;
    this.queue = queue;
    this.clock = clock;
    this.admissions = admissions;
    this.assignments = assignments;
    this.deadlines = deadlines;
    this.interruptions = interruptions;
    this.release = release.orElse(null);
  }

  @Override
  public Enrolment enroll(EnrollRequest wish) {
    return switch (admissions.judge(wish)) {
      case Admission.Refused(String reason) -> new Enrolment.Refused(reason);
      case Admission.NotYet() -> new Enrolment.NotYet();
      case Admission.Admitted admitted -> {
        String session = credentials.make();
        yield writer.write(
            Priority.ACKNOWLEDGE,
            tx -> enroll(tx, admitted, wish.instance(), wish.boot(), session));
      }
    };
  }

  private Enrolment enroll(
      Tx tx, Admission.Admitted admitted, String instance, String boot, String session) {
    Launch launch = admitted.launch();
    Optional<Runner> found = RunnerStore.on(tx, launch.provider(), instance);
    if (found.isEmpty() || !found.get().origin().launch().equals(launch.id())) {
      return new Enrolment.Refused(instance + " is not an instance of " + launch.id());
    }
    Runner runner = found.get();
    if (Credentials.enrolled(tx, runner.id())) {
      return new Enrolment.Refused(instance + " has enrolled already");
    }
    if (!runner.state().coming()) {
      return new Enrolment.Refused(runner.id() + " is " + runner.state().word());
    }
    Credentials.open(tx, runner.id(), session, boot);
    admitted
        .note()
        .map(note -> new TimelineEntry(clock.instant(), "identity", note))
        .ifPresent(entry -> RunnerStore.note(tx, runner.id(), entry));
    becomeReady(tx, runner);
    return new Enrolment.Granted(grant(runner.id(), session));
  }

  private void becomeReady(Tx tx, Runner runner) {
    RunnerStore.apply(
        tx, runner, new RunnerEvent.Enrolled(), clock.instant(), deadlines.of(runner));
    due(tx, RunnerKeys.pool(runner.origin().pool()));
  }

  private SessionGrant grant(RunnerId id, String session) {
    return new SessionGrant(id.value(), new Secret(session), POLL, HEARTBEAT, release);
  }

  @Override
  public Optional<AgentSession> session(String credential) {
    Optional<Credentials.Known> known =
        database.read(read -> Credentials.find(read, credential, clock.instant()));
    if (known.isEmpty()) {
      return Optional.empty();
    }
    RunnerId id = new RunnerId(known.get().session().runner());
    if (!known.get().previous() && known.get().hasPrevious()) {
      writer.run(Priority.ACKNOWLEDGE, tx -> Credentials.forgetPrevious(tx, id));
    }
    return known.map(Credentials.Known::session);
  }

  @Override
  public Optional<SessionGrant> renew(AgentSession session, SessionRequest wish) {
    RunnerId id = new RunnerId(session.runner());
    String renewed = credentials.make();
    return writer.write(
        Priority.ACKNOWLEDGE,
        tx -> {
          Optional<Runner> runner = RunnerStore.find(tx, id);
          if (runner.isEmpty() || !runner.get().state().alive()) {
            return Optional.empty();
          }
          Instant until = clock.instant().plus(AgentApi.ROTATION_GRACE);
          Credentials.rotate(tx, id, renewed, wish.boot(), until);
          becomeReady(tx, runner.get());
          return Optional.of(grant(id, renewed));
        });
  }

  @Override
  public Optional<Instruction> poll(AgentSession session, Duration patience)
      throws InterruptedException {
    RunnerId id = new RunnerId(session.runner());
    Optional<Instruction> now = instruction(id);
    if (now.isPresent() || patience.isZero()) {
      return now;
    }
    assignments.await(id, patience);
    return instruction(id);
  }

  private Optional<Instruction> instruction(RunnerId id) {
    Optional<Runner> runner = database.read(read -> RunnerStore.find(read, id));
    if (runner.isEmpty()) {
      return Optional.of(new Instruction.Stop("this runner is not known any more"));
    }
    return switch (runner.get().state()) {
      case STOPPING, STOPPED, TERMINATING, TERMINATED, FAILED ->
          Optional.of(new Instruction.Stop(runner.get().reason().orElse("no longer wanted")));
      case ASSIGNED, REGISTERED, BUSY -> {
        Optional<Instruction> assignment = assignments.peek(id).map(a -> a);
        if (assignment.isEmpty() && runner.get().state() != RunnerState.BUSY) {
          // The registration's secret went with an earlier process of ours: make it anew.
          writer.run(Priority.RECONCILE, tx -> due(tx, RunnerKeys.runner(id)));
        }
        yield assignment;
      }
      case PLANNED, LAUNCHING, BOOTING, READY, STARTING -> Optional.empty();
    };
  }

  @Override
  public ReportReply report(AgentSession session, Report report) {
    RunnerId id = new RunnerId(session.runner());
    if (report.phase() == Phase.HEARTBEAT) {
      return reply(id);
    }
    writer.run(Priority.ACKNOWLEDGE, tx -> record(tx, id, report));
    return reply(id);
  }

  @Override
  public void log(AgentSession session, LogChunk chunk) {
    RunnerId id = new RunnerId(session.runner());
    writer.run(Priority.RECONCILE, tx -> RunnerOutput.add(tx, id, chunk));
  }

  private ReportReply reply(RunnerId id) {
    return database
        .read(read -> RunnerStore.find(read, id))
        .filter(r -> r.state().alive())
        .map(r -> new ReportReply(false, null))
        .orElseGet(() -> new ReportReply(true, "the appliance has given this runner up"));
  }

  private void record(Tx tx, RunnerId id, Report report) {
    Optional<Runner> found = RunnerStore.find(tx, id);
    if (found.isEmpty() || !newer(tx, id, report.seq())) {
      return;
    }
    Runner runner = found.get();
    Told told = told(report);
    String detail = Optional.ofNullable(report.detail()).orElse("");
    switch (report.phase()) {
      case STARTING -> {
        Credentials.cutDown(tx, id);
        tx.afterCommit(() -> assignments.remove(id));
        tell(tx, runner, told, "agent starting", detail);
      }
      case READY, RUNNING, STOPPING, NOTICE, HEARTBEAT ->
          tell(
              tx,
              runner,
              told,
              "agent " + report.phase().name().toLowerCase(java.util.Locale.ROOT),
              detail);
      case FINISHED -> {
        if (Integer.valueOf(0).equals(report.exitCode())) {
          RunnerStore.finished(tx, id, clock.instant());
        }
        String end = "the job's process ended with exit code " + report.exitCode();
        tell(tx, runner, told, "agent finished", end + tail(report.log()));
        change(tx, runner, new RunnerEvent.TerminateWanted(end));
      }
      case FAILED -> {
        tell(tx, runner, told, "agent failed", detail + tail(report.log()));
        change(tx, runner, new RunnerEvent.Failed("its agent gave up: " + detail));
      }
      case INTERRUPTED -> {
        tell(tx, runner, told, "agent interrupted", detail);
        if (runner.state().alive()) {
          interruptions.interrupted(tx, runner, clock.instant(), "its agent says: " + detail);
        } // else it is we who end the machine, and whoever wanted that wants no rerun
      }
    }
  }

  /** When it happened, as it is shown, and what is to be said about that. */
  private record Told(Instant at, String note) {}

  private Told told(Report report) {
    Instant now = clock.instant();
    Duration off = Duration.between(report.at(), now);
    return off.abs().compareTo(SKEW) <= 0
        ? new Told(report.at(), "")
        : new Told(
            now,
            " (shown as received; its agent's clock said %s, %d s %s)"
                .formatted(
                    report.at(), off.abs().toSeconds(), off.isNegative() ? "later" : "before"));
  }

  private static boolean newer(Tx tx, RunnerId id, long sequence) {
    return tx.update(
            "update runner set report_sequence = ? where id = ? and report_sequence < ?",
            sequence,
            id.value(),
            sequence)
        > 0;
  }

  private void change(Tx tx, Runner runner, RunnerEvent event) {
    Runner now = RunnerStore.find(tx, runner.id()).orElseThrow();
    RunnerStore.apply(tx, now, event, clock.instant(), deadlines.of(runner));
    Optional<TraceContext> trace =
        runner.reservation().flatMap(r -> JobStore.find(tx, r.job())).flatMap(Job::trace);
    due(tx, RunnerKeys.runner(runner.id()), trace);
    due(tx, RunnerKeys.pool(runner.origin().pool()), trace);
    due(tx, RunnerKeys.compute(runner.origin().provider(), runner.origin().region()), trace);
    // GitHub's own webhook is on its way; only when it stays away is GitHub asked.
    Instant patience = clock.instant().plus(WEBHOOK_PATIENCE);
    runner.reservation().ifPresent(r -> queue.due(tx, RunnerKeys.job(r.job()), patience, trace));
  }

  private void tell(Tx tx, Runner runner, Told told, String event, String detail) {
    TimelineEntry entry = new TimelineEntry(told.at(), event, (detail + told.note()).strip());
    RunnerStore.note(tx, runner.id(), entry);
    runner.reservation().ifPresent(r -> JobStore.note(tx, r.job(), entry));
  }

  private static String tail(@org.jspecify.annotations.Nullable String log) {
    if (log == null || log.isBlank()) {
      return "";
    }
    String text = log.strip();
    return "; its last words: " + text.substring(Math.max(0, text.length() - 1_500));
  }

  private void due(Tx tx, WorkKey key) {
    due(tx, key, Optional.empty());
  }

  private void due(Tx tx, WorkKey key, Optional<TraceContext> trace) {
    queue.due(tx, key, clock.instant(), trace);
  }
}
