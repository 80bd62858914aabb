package dev.muster;

import dev.muster.agentlink.AgentFiles;
import dev.muster.config.ConfigLoader;
import dev.muster.config.ConfigReconciler;
import dev.muster.config.ConfigRepository;
import dev.muster.config.CoreSection;
import dev.muster.config.CoreSpec;
import dev.muster.config.FileSecrets;
import dev.muster.config.Secrets;
import dev.muster.config.aws.AwsSecrets;
import dev.muster.config.git.GitCredentials;
import dev.muster.fleet.compute.Throttles;
import dev.muster.fleet.compute.ec2.Ec2Clients;
import dev.muster.fleet.github.DeliveryCatchUp;
import dev.muster.fleet.github.GitHubActivation;
import dev.muster.fleet.github.GitHubClient;
import dev.muster.fleet.github.GitHubSection;
import dev.muster.fleet.github.QueuedJobScan;
import dev.muster.fleet.pool.FleetActivation;
import dev.muster.fleet.runner.RegistrationSweep;
import dev.muster.fleet.spec.FleetSection;
import dev.muster.kernel.access.Access;
import dev.muster.kernel.access.Role;
import dev.muster.kernel.access.Tokens;
import dev.muster.kernel.audit.Actor;
import dev.muster.kernel.audit.AuditLog;
import dev.muster.kernel.aws.AwsAccess;
import dev.muster.kernel.backup.BackupReconciler;
import dev.muster.kernel.backup.Backups;
import dev.muster.kernel.backup.Recovery;
import dev.muster.kernel.home.Home;
import dev.muster.kernel.home.HomeLock;
import dev.muster.kernel.home.Running;
import dev.muster.kernel.home.Settings;
import dev.muster.kernel.queue.WorkKey;
import dev.muster.kernel.queue.WorkQueue;
import dev.muster.kernel.reconcile.ReconcileLoop;
import dev.muster.kernel.retention.CompactionReconciler;
import dev.muster.kernel.retention.RetentionReconciler;
import dev.muster.kernel.store.Database;
import dev.muster.kernel.store.Priority;
import dev.muster.kernel.store.Writer;
import dev.muster.kernel.supervision.Supervision;
import dev.muster.kernel.tracing.Telemetry;
import dev.muster.status.Health;
import dev.muster.status.Liveness;
import dev.muster.status.Metrics;
import dev.muster.status.RegionGauges;
import dev.muster.status.StateGauges;
import dev.muster.status.StatusSite;
import dev.muster.status.api.StatusReader;
import dev.muster.status.api.TraceLinks;
import dev.muster.webhook.DeliveryInbox;
import dev.muster.webhook.DeliveryStore;
import dev.muster.webhook.QueuedDeliveries;
import dev.muster.webhook.WebhookDoor;
import dev.muster.webhook.aws.DeliveryQueue;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** The one composition root: built from top to bottom, closed in reverse. */
public final class Appliance implements AutoCloseable, Supervision.Supervised {
  private final Deque<AutoCloseable> opened;
  private final Database database;
  private final Writer writer;
  private final Running running;
  private final Optional<Tokens.Created> firstToken;
  private final Health health;
  private final Liveness liveness;

  private Appliance(Home home, Settings settings, Surroundings around, Deque<AutoCloseable> opened)
      throws IOException {
    this.opened = opened;
    opened.push(HomeLock.take(home));
    ApplianceListeners.requireFree(settings);
    InstantSource clock = around.clock();
    // The database takes a fifth of a second to open, and Helidon, the log and Java's random
    // numbers half of that to get going: side by side, with all that needs no database.
    Backups backups = new Backups(home, clock);
    Future<Recovery.Opened> opening =
        Meanwhile.begin(() -> new Recovery(home, backups, clock).open());
    opened.push(() -> Meanwhile.close(opening));
    Future<ApplianceListeners.Prepared> prepared =
        Meanwhile.begin(() -> ApplianceListeners.prepare(settings, clock));
    Future<String> token = Meanwhile.begin(Appliance::randomToken);
    Metrics metrics = new Metrics();
    // With a receiver its library takes most of a second to load: beside all that follows.
    Future<Telemetry> tracing =
        TelemetryParts.wanted(settings, around)
            ? Meanwhile.begin(() -> TelemetryParts.open(settings, around))
            : CompletableFuture.completedFuture(Telemetry.OFF);
    opened.push(() -> Meanwhile.close(tracing));
    AwsAccess aws = open(TelemetryParts.aws(settings, around, tracing));
    Secrets secrets = secrets(home, settings, aws, around);
    GitHubClient.Observer calls = TelemetryParts.calls(metrics, settings, around, tracing);
    ConfigParts parts = new ConfigParts();
    GitCredentials entrance =
        parts.credentials(
            settings, secrets, spec -> open(new GitHubClient(spec, secrets, clock, calls)));
    GitHubClient client = open(new GitHubClient(parts.github(), secrets, clock, calls));
    Throttles throttles = new Throttles(clock);
    Ec2Clients ec2 = open(new Ec2Clients(aws, throttles, clock));
    ConfigRepository repository = open(ConfigParts.repository(home, settings, entrance));

    AuditLog audit = new AuditLog(clock);
    Recovery.Opened recovered = Meanwhile.result(opening);
    database = recovered.database();
    writer = open(new Writer(database, audit));
    writer.start();
    Telemetry telemetry = Meanwhile.result(tracing);
    telemetry.onTrouble(trouble -> TelemetryParts.note(writer, clock, trouble));
    recovered.loss().ifPresent(loss -> sayLoss(loss, clock));
    WorkQueue queue = new WorkQueue();
    Future<?> due = Meanwhile.begin(Executors.callable(() -> dueAtStart(queue, clock)));
    metrics.add(new StateGauges(database, metrics, parts.fleet(), clock));
    Kernel kernel = new Kernel(home, database, writer, queue, audit, metrics, telemetry, clock);

    RegionParts regions =
        open(
            new RegionParts(
                kernel,
                settings,
                around.version(),
                parts.inForce(),
                aws,
                () -> settings.publicUrl().orElseGet(() -> running().publicUrl()).toString()));
    FleetParts fleet = new FleetParts(kernel, around, parts.fleet(), client, ec2, regions);
    DeliveryStore deliveries = new DeliveryStore();
    DeliveryInbox inbox =
        open(
            new DeliveryInbox(
                database, writer, deliveries, List.of(fleet.deliveries()), around.timers(), clock));

    ConfigReconciler config =
        parts.reconciler(
            kernel,
            TelemetryParts.traced(repository, telemetry),
            List.of(
                new FleetActivation(queue, fleet.placement(), clock),
                new GitHubActivation(queue, clock),
                regions));
    config.restore();

    String localToken = Meanwhile.result(token);
    Access access = new Access(database, localToken);
    firstToken = firstToken(audit, clock);
    health =
        new Health(
            database, writer, parts.inForce(), repository, () -> regions.replications().refused());
    StatusSite status =
        new StatusSite(
            database,
            writer,
            parts.inForce(),
            repository,
            new StatusReader.Identity(around.version(), settings.region()),
            fleet::machines,
            throttles,
            () -> regions.replications().now(),
            new TraceLinks(settings.traceUrl()),
            clock);
    metrics.add(new RegionGauges(() -> regions.replications().now(), database, clock));
    writer.onCommit(status.changes()::changed);
    ApplianceRoutes routes =
        new ApplianceRoutes(
            kernel,
            settings,
            parts,
            repository,
            secrets,
            client,
            access,
            () -> settings.publicUrl().orElseGet(() -> running().publicUrl()));
    WebhookDoor door = routes.door(inbox, around.random());
    ApplianceListeners.Prepared doors = Meanwhile.result(prepared);
    routes.addPublic(
        doors.publicRouting(),
        door,
        fleet.desk(settings),
        new AgentFiles(around.agentFiles(), around.version()),
        health);
    routes.addAdmin(doors.adminRouting(), status, health, deliveries, fleet);
    ApplianceListeners listeners = open(doors.serve());
    open(status); // before the server stops, or it waits for whoever looks at the page
    running =
        new Running(
            ProcessHandle.current().pid(), listeners.publicUrl(), listeners.adminUrl(), localToken);

    ReconcileLoop loop =
        open(
            new ReconcileLoop(
                database,
                writer,
                queue,
                clock,
                around.timers(),
                around.random(),
                metrics,
                telemetry));
    liveness = new Liveness(writer, loop, inbox, running.adminUrl());
    loop.register(config);
    fleet.registerWith(
        loop, settings.agentUrl().or(settings::publicUrl).orElse(running.publicUrl()), inbox);
    loop.register(fleet.acceptanceReconciler(routes.checks(fleet)::ills));
    loop.register(new BackupReconciler(database, writer, clock, backups));
    loop.register(
        new RetentionReconciler(
            writer,
            clock,
            new Retentions(parts.inForce().section(CoreSpec.class)).expiries(deliveries)));
    loop.register(new CompactionReconciler(database, writer));
    regions.start(fleet.regionalJobs());
    inbox.start();
    Meanwhile.result(due);
    loop.start();
    fleet.interruptionQueues(settings, ec2).forEach(listening -> open(listening).start());
    deliveryQueues(settings, ec2, door, clock).forEach(listening -> open(listening).start());
    home.announce(running);
    opened.push(home::retract);
  }

  /**
   * Starts an appliance; it serves when this returns.
   *
   * @throws IOException when it cannot; nothing is held then
   */
  public static Appliance start(Home home, Settings settings, Surroundings around)
      throws IOException {
    Deque<AutoCloseable> opened = new ArrayDeque<>();
    try {
      return new Appliance(home, settings, around, opened);
    } catch (IOException | RuntimeException | Error e) {
      close(opened);
      throw e;
    }
  }

  /** The loader with the sections of every capability. */
  public static ConfigLoader configLoader() {
    return new ConfigLoader(List.of(new CoreSection(), new GitHubSection(), new FleetSection()));
  }

  /** Where it is reached. */
  public Running running() {
    return running;
  }

  /** The admin token that the first start made; its value is known only now. */
  public Optional<Tokens.Created> firstToken() {
    return firstToken;
  }

  @Override
  public Optional<String> unready() {
    return health.unready();
  }

  @Override
  public Optional<String> stuck() {
    return liveness.stuck();
  }

  @Override
  public String summary() {
    return "Ready; status page " + running.adminUrl();
  }

  public Database database() {
    return database;
  }

  private Secrets secrets(Home home, Settings settings, AwsAccess aws, Surroundings around) {
    Secrets machine = new FileSecrets(home.secrets(), around.environment());
    return settings.aws()
        ? open(
            AwsSecrets.after(
                aws, machine, settings.secretsPrefix(), settings.awsRegion(), around.clock()))
        : machine;
  }

  /** Listens to the queues that the settings name; without any there is no thread and no client. */
  private List<DeliveryQueue> deliveryQueues(
      Settings settings, Ec2Clients clients, WebhookDoor door, InstantSource clock) {
    return settings.deliveryQueues().entrySet().stream()
        .map(queue ->
            new DeliveryQueue(
                queue.getKey(),
                queue.getValue(),
                () -> clients.queues(queue.getKey()),
                new QueuedDeliveries(door),
                writer,
                clock))
        .toList();
  }

  private void sayLoss(String loss, InstantSource clock) {
    writer.run(Priority.RECONCILE, tx -> Recovery.say(tx, loss, clock.instant()));
  }

  private <T extends AutoCloseable> T open(T part) {
    opened.push(part);
    return part;
  }

  private Optional<Tokens.Created> firstToken(AuditLog audit, InstantSource clock) {
    if (database.read(Tokens::anyAdmin)) {
      return Optional.empty();
    }
    Tokens tokens = new Tokens();
    return Optional.of(
        writer.write(
            Priority.ACKNOWLEDGE,
            tx -> {
              Tokens.Created made = tokens.create(tx, "first admin", Role.ADMIN, clock.instant());
              audit.add(tx, Actor.MUSTER, "token.created", made.id(), "admin first admin");
              return made;
            }));
  }

  private void dueAtStart(WorkQueue queue, InstantSource clock) {
    List<WorkKey> keys =
        List.of(
            ConfigReconciler.KEY,
            RegistrationSweep.KEY,
            DeliveryCatchUp.KEY,
            QueuedJobScan.KEY,
            BackupReconciler.KEY,
            RetentionReconciler.KEY);
    Instant now = clock.instant();
    writer.run(
        Priority.RECONCILE,
        tx -> {
          keys.forEach(key -> queue.due(tx, key, now, Optional.empty()));
          queue.due(
              tx,
              CompactionReconciler.KEY,
              now.plus(CompactionReconciler.INTERVAL),
              Optional.empty());
        });
  }

  private static String randomToken() {
    byte[] bytes = new byte[32];
    new SecureRandom().nextBytes(bytes);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  @Override
  public void close() {
    close(opened);
  }

  private static void close(Deque<AutoCloseable> opened) {
    for (AutoCloseable part = opened.poll(); part != null; part = opened.poll()) {
      try {
        part.close();
      } catch (Exception e) {
        System.getLogger(Appliance.class.getName())
            .log(Level.WARNING, "Closing " + part.getClass().getSimpleName() + " failed", e);
      }
    }
  }
}
