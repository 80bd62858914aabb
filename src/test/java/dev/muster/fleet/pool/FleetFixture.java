package dev.muster.fleet.pool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.agent.protocol.EnrollRequest;
import dev.muster.agent.protocol.Instruction;
import dev.muster.agent.protocol.Phase;
import dev.muster.agent.protocol.Report;
import dev.muster.agent.protocol.Secret;
import dev.muster.agent.protocol.SessionRequest;
import dev.muster.agentlink.AgentDesk.Enrolment;
import dev.muster.agentlink.AgentSession;
import dev.muster.config.Revision;
import dev.muster.config.Snapshot;
import dev.muster.fleet.acceptance.AcceptanceReconciler;
import dev.muster.fleet.acceptance.AcceptanceWorkflow;
import dev.muster.fleet.acceptance.Acceptances;
import dev.muster.fleet.acceptance.Doctor;
import dev.muster.fleet.compute.Compute;
import dev.muster.fleet.compute.FakeComputeProvider;
import dev.muster.fleet.cost.CostReconciler;
import dev.muster.fleet.github.GitHubWebhooks;
import dev.muster.fleet.job.EndedJobs;
import dev.muster.fleet.job.Homes;
import dev.muster.fleet.job.Job;
import dev.muster.fleet.job.JobId;
import dev.muster.fleet.job.JobPlacement;
import dev.muster.fleet.job.JobState;
import dev.muster.fleet.job.JobStore;
import dev.muster.fleet.job.RunOrigin;
import dev.muster.fleet.job.RunRef;
import dev.muster.fleet.job.WarmPools;
import dev.muster.fleet.region.RegionalSpend;
import dev.muster.fleet.runner.Admissions;
import dev.muster.fleet.runner.Assignments;
import dev.muster.fleet.runner.ComputeReconciler;
import dev.muster.fleet.runner.FakeRunnerRegistry;
import dev.muster.fleet.runner.InterruptedJobs;
import dev.muster.fleet.runner.InterruptedRunners;
import dev.muster.fleet.runner.LaunchReconciler;
import dev.muster.fleet.runner.LaunchSecrets;
import dev.muster.fleet.runner.LaunchedSpecs;
import dev.muster.fleet.runner.OrphanReaper;
import dev.muster.fleet.runner.RegistrationSweep;
import dev.muster.fleet.runner.Runner;
import dev.muster.fleet.runner.RunnerDesk;
import dev.muster.fleet.runner.RunnerId;
import dev.muster.fleet.runner.RunnerReconciler;
import dev.muster.fleet.runner.RunnerState;
import dev.muster.fleet.runner.RunnerStore;
import dev.muster.fleet.spec.EnvironmentSpec;
import dev.muster.fleet.spec.FleetSpec;
import dev.muster.fleet.spec.PoolSpec;
import dev.muster.fleet.spec.Provider;
import dev.muster.fleet.spec.RunnerSpec;
import dev.muster.kernel.audit.AuditLog;
import dev.muster.kernel.clock.VirtualTime;
import dev.muster.kernel.queue.Claim;
import dev.muster.kernel.queue.WorkKey;
import dev.muster.kernel.queue.WorkQueue;
import dev.muster.kernel.reconcile.Outcome;
import dev.muster.kernel.reconcile.Reconciler;
import dev.muster.kernel.reconcile.StalledException;
import dev.muster.kernel.reconcile.TransientException;
import dev.muster.kernel.store.StoreFixture;
import dev.muster.webhook.Delivery;
import dev.muster.webhook.DeliveryHandler.Effect;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/**
 * The fleet's real reconcilers over a real database, with a cloud and a GitHub in memory, driven on
 * the test's thread in the order in which the queue would.
 */
final class FleetFixture implements AutoCloseable {
  static final String POOL = "default";
  static final RunnerSpec SPEC = RunnerSpec.forgotten("linux", "ec2");

  final VirtualTime time;
  final StoreFixture store;
  final FakeComputeProvider cloud;
  final FakeRunnerRegistry github;
  final AuditLog audit;
  private final Random random;
  private final LaunchSecrets secrets = new LaunchSecrets(new byte[32]);
  private final Map<String, Reconciler<?>> reconcilers = new HashMap<>();
  WorkQueue queue = new WorkQueue();
  private Optional<FleetSpec> config = Optional.empty();
  private Homes homes = Homes.ALONE;
  private RunnerDesk desk;
  private InterruptedRunners interruptions;
  GitHubWebhooks webhooks;
  JobPlacement placement;
  private Compute compute;
  private LaunchedSpecs specs;
  private final Map<Long, String> labels = new HashMap<>();

  FleetFixture(Path folder) {
    this(folder, new VirtualTime("2026-03-04T12:00:00Z"));
  }

  private FleetFixture(Path folder, VirtualTime time) {
    this(
        folder,
        time,
        new FakeComputeProvider(Provider.EC2, time),
        new FakeRunnerRegistry(),
        new Random(3));
  }

  /** An appliance of several that share a GitHub, or one that comes back to its machines. */
  FleetFixture(
      Path folder,
      VirtualTime time,
      FakeComputeProvider cloud,
      FakeRunnerRegistry github,
      Random random) {
    this.time = time;
    this.cloud = cloud;
    this.github = github;
    this.random = random;
    audit = new AuditLog(time);
    store = StoreFixture.open(folder, audit);
    restart();
  }

  /** From the next restart on, there are other regions. */
  void regions(Homes others) {
    homes = others;
    restart();
  }

  /** New reconcilers and a new queue over the same database: whatever was in memory is lost. */
  final void restart() {
    queue = new WorkQueue();
    Assignments assignments = new Assignments();
    specs = new LaunchedSpecs(store.database());
    compute = new Compute(Map.of(Provider.EC2, () -> cloud));
    WarmPools warm = new WarmPools();
    placement = new JobPlacement(() -> config, queue, warm);
    webhooks =
        new GitHubWebhooks(
            queue,
            time,
            placement,
            specs,
            new InterruptedJobs(queue, audit, time),
            homes,
            EndedJobs.UNHEARD);
    var database = store.database();
    var writer = store.writer();
    interruptions = new InterruptedRunners(database, writer, queue, audit, time, specs);
    desk =
        new RunnerDesk(
            database,
            writer,
            queue,
            time,
            new Admissions(database, time, secrets, provider -> Optional.empty(), false),
            assignments,
            specs,
            interruptions,
            Optional.empty());
    reconcilers.clear();
    register(
        new PoolReconciler(
            database,
            writer,
            queue,
            time,
            random,
            () -> config,
            compute,
            specs,
            warm,
            placement,
            homes,
            URI.create("http://127.0.0.1:1/"),
            PoolPlanner::plan));
    register(new LaunchReconciler(database, writer, queue, time, compute, secrets, specs));
    register(
        new RunnerReconciler(
            database,
            writer,
            queue,
            time,
            compute,
            github,
            assignments,
            specs,
            environment -> Optional.empty(),
            placement));
    register(
        new ComputeReconciler(
            database,
            writer,
            queue,
            time,
            compute,
            specs,
            new OrphanReaper(database, writer, audit, time, github, Instant.EPOCH)));
    register(
        new CostReconciler(
            database,
            writer,
            time,
            compute,
            specs,
            () -> config,
            new RegionalSpend(() -> config),
            audit));
    register(new RegistrationSweep(database, writer, time, github));
    store.run(tx -> queue.releaseAll(tx, time.instant()));
  }

  void register(Reconciler<?> reconciler) {
    reconcilers.put(reconciler.kind(), reconciler);
  }

  /** What begins acceptances, with their reconciler in the loop. */
  Acceptances accepting(AcceptanceWorkflow workflow, Doctor doctor) {
    var database = store.database();
    var writer = store.writer();
    register(
        new AcceptanceReconciler(
            database,
            writer,
            queue,
            audit,
            time,
            () -> config,
            compute,
            github,
            interruptions,
            specs,
            workflow,
            doctor));
    return new Acceptances(
        database, writer, queue, audit, time, random, () -> config, compute, workflow);
  }

  /** Puts a config with one pool of these numbers in force. */
  void configure(RunnerSpec spec, int running, int max) {
    configure(spec, Optional.of(pool(spec, running, max)));
  }

  void configure(RunnerSpec spec, Optional<PoolSpec> pool) {
    configure(
        new FleetSpec(
            new FleetSpec.Defaults(Provider.EC2, "dev", "eu-west-1", ZoneId.of("UTC"), 1_000),
            List.of(spec),
            Map.of("dev", EnvironmentSpec.named("dev")),
            pool.stream().toList()));
  }

  /** Puts a config in force, as the activation of a push does. */
  void configure(FleetSpec fleet) {
    config = Optional.of(fleet);
    store.run(tx -> new FleetActivation(queue, placement, time).activated(tx, snapshot(fleet)));
  }

  /** The config in force. */
  Optional<FleetSpec> config() {
    return config;
  }

  private static Snapshot snapshot(FleetSpec fleet) {
    Revision revision = new Revision("1", "main", "ana", "a test's", Instant.EPOCH);
    return new Snapshot(revision, Map.of(FleetSpec.class, fleet));
  }

  private static PoolSpec pool(RunnerSpec spec, int running, int max) {
    return pool(spec, running, 0, max);
  }

  /** A pool that keeps so many stopped. */
  static PoolSpec keepingStopped(int count) {
    return pool(SPEC, 0, count, 10);
  }

  private static PoolSpec pool(RunnerSpec spec, int running, int stopped, int max) {
    return new PoolSpec(
        POOL,
        spec,
        "dev",
        "eu-west-1",
        running,
        stopped,
        max,
        Duration.ofMinutes(30),
        ZoneId.of("UTC"),
        List.of(),
        10,
        false);
  }

  // ---- The loop.

  /** Works off everything that is due now. */
  void run() {
    for (int turn = 0; step(Optional.empty()); turn++) {
      assertThat(turn).as("turns without rest").isLessThan(2_000);
    }
  }

  /** Works off what is due of one kind, as if the process died before the rest. */
  void runOnly(String kind) {
    for (int turn = 0; step(Optional.of(kind)); turn++) {
      assertThat(turn).as("turns without rest").isLessThan(2_000);
    }
  }

  private boolean step(Optional<String> only) {
    Instant now = time.instant();
    if (store.read(WorkQueue::nextDue).filter(at -> !at.isAfter(now)).isEmpty()) {
      return false;
    }
    List<Claim> claims = store.write(tx -> queue.claim(tx, now, Duration.ofMinutes(1), 100));
    boolean worked = false;
    for (Claim claim : claims) {
      boolean wanted = only.map(claim.key().kind()::equals).orElse(true);
      if (wanted) {
        work(claim);
        worked = true;
      } else {
        store.run(tx -> queue.retry(tx, claim, now, "not now"));
      }
    }
    return worked;
  }

  private void work(Claim claim) {
    Reconciler<?> reconciler = reconcilers.get(claim.key().kind());
    if (reconciler == null) {
      store.run(tx -> queue.complete(tx, claim, Optional.empty()));
      return;
    }
    try {
      Outcome outcome = reconcile(reconciler, claim);
      Instant now = time.instant();
      store.run(tx -> {
        switch (outcome) {
          case Outcome.Done() -> queue.complete(tx, claim, Optional.empty());
          case Outcome.RequeueAfter(Duration delay) ->
              queue.complete(tx, claim, Optional.of(now.plus(delay)));
          case Outcome.Stalled(String reason) ->
              queue.stall(tx, claim, now.plus(Duration.ofMinutes(15)), reason);
        }
      });
    } catch (TransientException e) {
      Instant later = time.instant().plusSeconds(5);
      store.run(tx -> queue.retry(tx, claim, later, String.valueOf(e.getMessage())));
    } catch (StalledException e) {
      throw new AssertionError("stalled: " + claim.key(), e);
    }
  }

  private static <K> Outcome reconcile(Reconciler<K> reconciler, Claim claim) {
    try {
      return reconciler.reconcile(reconciler.key(claim.key().name()), claim.trace());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  /** Lets time pass, working off at each instant what becomes due at it. */
  void pass(Duration duration) {
    Instant end = time.instant().plus(duration);
    run();
    while (true) {
      Optional<Instant> next = store.read(WorkQueue::nextDue).filter(at -> !at.isAfter(end));
      if (next.isEmpty()) {
        break;
      }
      time.pass(Duration.between(time.instant(), next.get()));
      run();
    }
    time.pass(Duration.between(time.instant(), end));
  }

  void due(WorkKey key) {
    store.run(tx -> queue.due(tx, key, time.instant(), Optional.empty()));
  }

  // ---- GitHub's part.

  void queued(long job) {
    queuedAgain(job, 1);
  }

  /** A job with this label. */
  void queued(long job, String label) {
    labels.put(job, label);
    queued(job);
  }

  /** A job of the run's next attempt, with this label. */
  void queuedAgain(long job, int attempt, String label) {
    labels.put(job, label);
    queuedAgain(job, attempt);
  }

  /** A job of the run's next attempt. */
  void queuedAgain(long job, int attempt) {
    webhook("queued", job, attempt, "", "");
    pass(Duration.ofMillis(60));
  }

  /** GitHub gives a job to the runner of this name. */
  void started(long job, String runnerName) {
    github.busy(runnerName);
    webhook("in_progress", job, 1, runnerName, "");
    run();
  }

  void completed(long job, String runnerName, String conclusion) {
    github.over(runnerName);
    webhook("completed", job, 1, runnerName, conclusion);
    run();
  }

  private void webhook(String action, long job, int attempt, String runnerName, String conclusion) {
    webhook(
        action,
        job,
        labels.getOrDefault(job, "muster/pool=default"),
        attempt,
        runnerName,
        conclusion);
  }

  /** GitHub tells something of a job. */
  void webhook(
      String action, long job, String label, int attempt, String runnerName, String conclusion) {
    String now = time.instant().toString();
    String payload =
        """
        {"action": "%s", "repository": {"full_name": "acme/hello", "private": true},
         "workflow_job": {"id": %d, "run_id": 1, "run_attempt": %d, "name": "build", "labels": ["%s"],
           "created_at": "%s", "started_at": "%s", "completed_at": %s, "conclusion": %s,
           "runner_name": "%s"}}
        """
            .formatted(
                action,
                job,
                attempt,
                label,
                now,
                now,
                conclusion.isEmpty() ? "null" : "\"" + now + "\"",
                conclusion.isEmpty() ? "null" : "\"" + conclusion + "\"",
                runnerName);
    Delivery delivery =
        new Delivery(
            GitHubWebhooks.SOURCE,
            "d",
            "workflow_job",
            payload.getBytes(StandardCharsets.UTF_8),
            time.instant(),
            Optional.empty());
    RunOrigin own = new RunOrigin(new RunRef("acme/hello", 1), Optional.of("acme/hello"));
    store.run(tx -> placement.learnt(tx, own, time.instant()));
    Effect effect = webhooks.read(delivery);
    assertThat(effect).isInstanceOf(Effect.Change.class);
    store.run(tx -> ((Effect.Change) effect).application().apply(tx));
  }

  // ---- The agents' part.

  /** The agent on a runner's machine enrols. */
  AgentSession enrol(Runner runner) {
    Enrolment enrolment = tryEnrol(runner);
    assertThat(enrolment).isInstanceOf(Enrolment.Granted.class);
    String session = ((Enrolment.Granted) enrolment).grant().session().value();
    run();
    return desk.session(session).orElseThrow();
  }

  Enrolment tryEnrol(Runner runner) {
    return desk.enroll(
        new EnrollRequest(
            runner.origin().launch().value(),
            new Secret(secrets.of(runner.origin().launch())),
            runner.instance().orElseThrow(),
            "boot-1",
            "linux",
            "amd64",
            "1",
            null));
  }

  /** The agent of a machine that was started again. */
  AgentSession booted(AgentSession before) {
    String session =
        desk.renew(before, new SessionRequest("boot-2")).orElseThrow().session().value();
    run();
    return desk.session(session).orElseThrow();
  }

  Optional<Instruction> poll(AgentSession agent) {
    try {
      Optional<Instruction> instruction = desk.poll(agent, Duration.ZERO);
      run();
      return instruction;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  void report(AgentSession agent, long sequence, Phase phase) {
    Integer exitCode = phase == Phase.FINISHED ? 0 : null;
    desk.report(agent, new Report(sequence, phase, time.instant(), "said", exitCode, null));
    run();
  }

  // ---- The cloud's part.

  /** The cloud says that it takes a machine away. */
  boolean interrupted(String instance) {
    boolean known =
        interruptions.interrupted("ec2", instance, time.instant(), "spot capacity is reclaimed");
    run();
    return known;
  }

  // ---- What came of it.

  Job job(long id) {
    return store.read(read -> JobStore.find(read, new JobId(id))).orElseThrow();
  }

  JobState jobState(long id) {
    return job(id).state();
  }

  Runner runner(RunnerId id) {
    return store.read(read -> RunnerStore.find(read, id)).orElseThrow();
  }

  /** Runners in any of the states, the oldest first. */
  List<Runner> runners(RunnerState... states) {
    return store
        .read(read ->
            RunnerStore.newest(read, Optional.empty(), Optional.empty(), Optional.empty(), 1_000))
        .reversed()
        .stream()
        .filter(r -> List.of(states).contains(r.state()))
        .toList();
  }

  Runner only(RunnerState state) {
    List<Runner> found = runners(state);
    assertThat(found).as("runners that are " + state.word()).hasSize(1);
    return found.getFirst();
  }

  @Override
  public void close() {
    store.close();
  }
}
