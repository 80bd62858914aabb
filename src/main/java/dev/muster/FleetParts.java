package dev.muster;

import dev.muster.Surroundings.ProviderMaker;
import dev.muster.agent.protocol.RunnerRelease;
import dev.muster.config.Snapshot;
import dev.muster.fleet.acceptance.AcceptanceReconciler;
import dev.muster.fleet.acceptance.Acceptances;
import dev.muster.fleet.acceptance.Doctor;
import dev.muster.fleet.compute.Compute;
import dev.muster.fleet.compute.ComputeProvider;
import dev.muster.fleet.compute.HourlyPrice;
import dev.muster.fleet.compute.IdentityVerifier;
import dev.muster.fleet.compute.ec2.Ec2Clients;
import dev.muster.fleet.compute.ec2.Ec2ComputeProvider;
import dev.muster.fleet.compute.ec2.Ec2IdentityVerifier;
import dev.muster.fleet.compute.ec2.Ec2Records;
import dev.muster.fleet.compute.ec2.IdentityCertificates;
import dev.muster.fleet.compute.ec2.InterruptionQueue;
import dev.muster.fleet.compute.ec2.OnDemandPrices;
import dev.muster.fleet.compute.local.LocalComputeProvider;
import dev.muster.fleet.cost.CostReconciler;
import dev.muster.fleet.cost.MonthlyCost;
import dev.muster.fleet.github.DeliveryCatchUp;
import dev.muster.fleet.github.GitHubAcceptanceWorkflow;
import dev.muster.fleet.github.GitHubClient;
import dev.muster.fleet.github.GitHubRunners;
import dev.muster.fleet.github.GitHubWebhooks;
import dev.muster.fleet.github.JobReconciler;
import dev.muster.fleet.github.QueuedJobScan;
import dev.muster.fleet.github.RejectedJobReporter;
import dev.muster.fleet.github.RerunReconciler;
import dev.muster.fleet.github.RunOriginReconciler;
import dev.muster.fleet.job.EndedJobs;
import dev.muster.fleet.job.Homes;
import dev.muster.fleet.job.JobPlacement;
import dev.muster.fleet.job.WarmPools;
import dev.muster.fleet.pool.Planner;
import dev.muster.fleet.pool.PoolPlanner;
import dev.muster.fleet.pool.PoolReconciler;
import dev.muster.fleet.region.RegionalHomes;
import dev.muster.fleet.region.RegionalJobs;
import dev.muster.fleet.region.RegionalSpend;
import dev.muster.fleet.runner.Admissions;
import dev.muster.fleet.runner.Assignments;
import dev.muster.fleet.runner.ComputeReconciler;
import dev.muster.fleet.runner.InterruptedJobs;
import dev.muster.fleet.runner.InterruptedRunners;
import dev.muster.fleet.runner.LaunchReconciler;
import dev.muster.fleet.runner.LaunchSecrets;
import dev.muster.fleet.runner.LaunchedSpecs;
import dev.muster.fleet.runner.OrphanReaper;
import dev.muster.fleet.runner.RegistrationSweep;
import dev.muster.fleet.runner.RunnerDesk;
import dev.muster.fleet.runner.RunnerReconciler;
import dev.muster.fleet.spec.EnvironmentSpec;
import dev.muster.fleet.spec.FleetSpec;
import dev.muster.fleet.spec.PoolSpec;
import dev.muster.fleet.spec.Provider;
import dev.muster.kernel.backup.Recovery;
import dev.muster.kernel.home.Settings;
import dev.muster.kernel.notice.Finding;
import dev.muster.kernel.reconcile.ReconcileLoop;
import dev.muster.kernel.store.Database;
import dev.muster.kernel.store.Writer;
import dev.muster.status.ObservedProvider;
import dev.muster.tracing.JobTraceReconciler;
import dev.muster.tracing.TracedDeliveries;
import dev.muster.tracing.TracedPlanner;
import dev.muster.webhook.DeliveryHandler;
import dev.muster.webhook.DeliveryInbox;
import java.io.IOException;
import java.net.URI;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** The fleet, composed: from a job's webhook to the runner that takes it. */
final class FleetParts {
  private final Kernel kernel;
  private final RandomGenerator random;
  private final Supplier<Optional<FleetSpec>> fleet;
  private final GitHubClient client;
  private final Compute compute;
  private final LaunchSecrets secrets;
  private final Assignments assignments = new Assignments();
  private final LaunchedSpecs specs;
  private final WarmPools warm = new WarmPools();
  private final JobPlacement placement;
  private final RegionParts regions;
  private final Homes homes;
  private final InterruptedJobs interruptedJobs;
  private final InterruptedRunners interruptedRunners;
  private final JobTraceReconciler traces;
  private @Nullable IdentityVerifier identities;

  /**
   * Starts nothing.
   *
   * @param fleet the config in force
   * @param clients for EC2; asked for one when a runner of EC2 is wanted
   * @param regions the others
   */
  FleetParts(
      Kernel kernel,
      Surroundings around,
      Supplier<Optional<FleetSpec>> fleet,
      GitHubClient client,
      Ec2Clients clients,
      RegionParts regions)
      throws IOException {
    this.kernel = kernel;
    this.random = around.random();
    this.fleet = fleet;
    this.client = client;
    this.compute = compute(around, clients);
    this.secrets = new LaunchSecrets(kernel.home().key());
    this.specs = new LaunchedSpecs(kernel.database());
    this.traces =
        new JobTraceReconciler(
            kernel.database(), kernel.queue(), kernel.clock(), kernel.telemetry());
    this.placement = new JobPlacement(fleet, kernel.queue(), warm);
    this.regions = regions;
    this.homes =
        new RegionalHomes(
            regions.region(), kernel.database(), regions.replications(), fleet, placement);
    this.interruptedJobs = new InterruptedJobs(kernel.queue(), kernel.audit(), kernel.clock());
    this.interruptedRunners =
        new InterruptedRunners(
            kernel.database(),
            kernel.writer(),
            kernel.queue(),
            kernel.audit(),
            kernel.clock(),
            specs);
  }

  JobPlacement placement() {
    return placement;
  }

  LaunchedSpecs specs() {
    return specs;
  }

  /** Why a pool's runners get the machines that they get, in sentences. */
  List<String> machines(PoolSpec pool) {
    return compute.provider(pool.runner().provider().word()).explain(pool.region(), pool.runner());
  }

  /** What a config costs in a month beside what it was, for people. */
  String monthlyCost(Optional<Snapshot> before, Snapshot after) {
    Instant now = kernel.clock().instant();
    MonthlyCost was = MonthlyCost.of(before.map(s -> s.get(FleetSpec.class)), this::price, now);
    MonthlyCost is = MonthlyCost.of(Optional.of(after.get(FleetSpec.class)), this::price, now);
    return is.difference(was, OnDemandPrices.asOf());
  }

  private Optional<HourlyPrice> price(PoolSpec pool) {
    return compute.provider(pool.runner().provider().word()).price(pool.region(), pool.runner());
  }

  /** Looks whether the providers can serve the pools of the config in force. */
  List<Finding> examine() throws InterruptedException {
    Map<Provider, List<PoolSpec>> pools = new TreeMap<>();
    fleet
        .get()
        .map(FleetSpec::pools)
        .orElse(List.of())
        .forEach(pool ->
            pools.computeIfAbsent(pool.runner().provider(), p -> new ArrayList<>()).add(pool));
    List<Finding> findings = new ArrayList<>();
    for (Map.Entry<Provider, List<PoolSpec>> entry : pools.entrySet()) {
      findings.addAll(compute.provider(entry.getKey().word()).examine(entry.getValue()));
    }
    return findings;
  }

  /** What GitHub's webhooks do. */
  GitHubWebhooks webhooks() {
    return new GitHubWebhooks(
        kernel.queue(), kernel.clock(), placement, specs, interruptedJobs, homes, ended());
  }

  /** The same, for the deliveries that are recorded. */
  DeliveryHandler deliveries() {
    return kernel.telemetry().on()
        ? new TracedDeliveries(webhooks(), kernel.telemetry(), kernel.clock())
        : webhooks();
  }

  /** What others tell of jobs, beside what is known of them here. */
  RegionalJobs regionalJobs() {
    return new RegionalJobs(
        regions.region(),
        kernel.database(),
        kernel.writer(),
        kernel.queue(),
        kernel.clock(),
        webhooks());
  }

  /** The appliance's end of the agents' protocol. */
  RunnerDesk desk(Settings settings) {
    return new RunnerDesk(
        kernel.database(),
        kernel.writer(),
        kernel.queue(),
        kernel.clock(),
        new Admissions(
            kernel.database(),
            kernel.clock(),
            secrets,
            provider ->
                Optional.of(provider)
                    .filter(Provider.EC2.word()::equals)
                    .map(ec2 -> identities(settings)),
            settings.requireIdentity()),
        assignments,
        specs,
        interruptedRunners,
        settings
            .runner()
            .map(w -> new RunnerRelease(w.version(), w.source().toString(), w.sha256())));
  }

  /** Loads its library when the first machine of EC2 enrols. */
  private synchronized IdentityVerifier identities(Settings settings) {
    IdentityVerifier made =
        identities == null
            ? new Ec2IdentityVerifier(
                IdentityCertificates.load(settings.identityCertificates()),
                new Ec2Records(kernel.database(), kernel.writer()),
                kernel.clock())
            : identities;
    identities = made;
    return made;
  }

  /** Listens to the queues that the settings name; without any there is no thread and no client. */
  List<InterruptionQueue> interruptionQueues(Settings settings, Ec2Clients clients) {
    return settings.interruptionQueues().entrySet().stream()
        .map(queue ->
            new InterruptionQueue(
                queue.getKey(),
                queue.getValue(),
                () -> clients.queues(queue.getKey()),
                interruptedRunners,
                kernel.metrics()))
        .toList();
  }

  /** What begins acceptances. */
  Acceptances acceptances() {
    return new Acceptances(
        kernel.database(),
        kernel.writer(),
        kernel.queue(),
        kernel.audit(),
        kernel.clock(),
        random,
        fleet,
        compute,
        new GitHubAcceptanceWorkflow(client));
  }

  /** What takes them through their steps. */
  AcceptanceReconciler acceptanceReconciler(Doctor doctor) {
    return new AcceptanceReconciler(
        kernel.database(),
        kernel.writer(),
        kernel.queue(),
        kernel.audit(),
        kernel.clock(),
        fleet,
        compute,
        new GitHubRunners(client),
        interruptedRunners,
        specs,
        new GitHubAcceptanceWorkflow(client),
        doctor);
  }

  /**
   * Registers what keeps the fleet in the state that the config describes.
   *
   * @param agentUrl how agents reach the appliance
   */
  void registerWith(ReconcileLoop loop, URI agentUrl, DeliveryInbox inbox) {
    Database database = kernel.database();
    Writer writer = kernel.writer();
    InstantSource clock = kernel.clock();
    GitHubRunners registry = new GitHubRunners(client);
    loop.register(
        new PoolReconciler(
            database,
            writer,
            kernel.queue(),
            clock,
            random,
            fleet,
            compute,
            specs,
            warm,
            placement,
            homes,
            agentUrl,
            planner()));
    loop.register(
        new LaunchReconciler(database, writer, kernel.queue(), clock, compute, secrets, specs));
    loop.register(
        new RunnerReconciler(
            database,
            writer,
            kernel.queue(),
            clock,
            compute,
            registry,
            assignments,
            specs,
            this::runnerGroup,
            placement));
    loop.register(
        new ComputeReconciler(
            database,
            writer,
            kernel.queue(),
            clock,
            compute,
            specs,
            new OrphanReaper(
                database,
                writer,
                kernel.audit(),
                clock,
                registry,
                Recovery.reapingFrom(database))));
    loop.register(
        new CostReconciler(
            database,
            writer,
            clock,
            compute,
            specs,
            fleet,
            new RegionalSpend(fleet),
            kernel.audit()));
    loop.register(new RegistrationSweep(database, writer, clock, registry));
    GitHubWebhooks webhooks = webhooks();
    loop.register(
        new JobReconciler(database, writer, kernel.queue(), clock, client, webhooks, ended()));
    loop.register(
        new RerunReconciler(database, writer, kernel.queue(), kernel.audit(), clock, client));
    loop.register(new RunOriginReconciler(database, writer, clock, client, placement));
    loop.register(new RejectedJobReporter(database, writer, clock, client));
    loop.register(
        new DeliveryCatchUp(database, writer, clock, client, inbox, homes, kernel.telemetry()));
    loop.register(
        new QueuedJobScan(
            database, writer, clock, client, placement, webhooks, homes, kernel.telemetry()));
    loop.register(regionalJobs());
    loop.register(regions.takeovers(client, placement));
    loop.register(traces);
  }

  private EndedJobs ended() {
    return kernel.telemetry().on() ? traces : EndedJobs.UNHEARD;
  }

  private Planner planner() {
    return kernel.telemetry().on()
        ? new TracedPlanner(PoolPlanner::plan, kernel.telemetry(), kernel.clock())
        : PoolPlanner::plan;
  }

  private Optional<String> runnerGroup(String environment) {
    return fleet
        .get()
        .flatMap(config -> config.environment(environment))
        .flatMap(EnvironmentSpec::runnerGroup);
  }

  private Compute compute(Surroundings around, Ec2Clients clients) {
    Map<Provider, ProviderMaker> makers = new HashMap<>(around.providers());
    makers.putIfAbsent(
        Provider.LOCAL,
        (config, database, writer) ->
            new LocalComputeProvider(kernel.home().runners(), around.agent(), kernel.clock()));
    makers.putIfAbsent(
        Provider.EC2,
        (config, database, writer) ->
            new Ec2ComputeProvider(
                config, clients, new Ec2Records(database, writer), kernel.clock()));
    Map<Provider, Supplier<ComputeProvider>> providers = new HashMap<>();
    makers.forEach((name, maker) ->
        providers.put(
            name,
            () ->
                new ObservedProvider(
                    maker.make(fleet, kernel.database(), kernel.writer()),
                    kernel.metrics(),
                    kernel.telemetry())));
    return new Compute(providers);
  }
}
