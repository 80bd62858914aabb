package dev.muster;

import dev.muster.agentlink.AgentRoutes;
import dev.muster.config.Activation;
import dev.muster.config.ConfigLoader;
import dev.muster.config.ConfigReconciler;
import dev.muster.config.ConfigRepository;
import dev.muster.config.CoreSection;
import dev.muster.config.CoreSpec;
import dev.muster.config.FileSecrets;
import dev.muster.config.InForce;
import dev.muster.config.SecretRef;
import dev.muster.config.Secrets;
import dev.muster.config.SecretsFile;
import dev.muster.config.git.ConfigPushCheck;
import dev.muster.config.git.EmbeddedRepository;
import dev.muster.config.git.GitCredentials;
import dev.muster.config.git.GitRoutes;
import dev.muster.config.git.RemoteRepository;
import dev.muster.fleet.compute.Compute;
import dev.muster.fleet.compute.ComputeProvider;
import dev.muster.fleet.compute.local.AgentCommand;
import dev.muster.fleet.compute.local.LocalComputeProvider;
import dev.muster.fleet.github.AppCheck;
import dev.muster.fleet.github.AppGitCredentials;
import dev.muster.fleet.github.AppManifest;
import dev.muster.fleet.github.DeliveryCatchUp;
import dev.muster.fleet.github.GitHubActivation;
import dev.muster.fleet.github.GitHubClient;
import dev.muster.fleet.github.GitHubJobs;
import dev.muster.fleet.github.GitHubRunners;
import dev.muster.fleet.github.GitHubSection;
import dev.muster.fleet.github.GitHubSource;
import dev.muster.fleet.github.GitHubSpec;
import dev.muster.fleet.github.GitHubWebhooks;
import dev.muster.fleet.github.JobReconciler;
import dev.muster.fleet.github.QueuedJobScan;
import dev.muster.fleet.github.RejectedJobReporter;
import dev.muster.fleet.github.RunOriginReconciler;
import dev.muster.fleet.job.JobPlacement;
import dev.muster.fleet.pool.FleetActivation;
import dev.muster.fleet.pool.PoolReconciler;
import dev.muster.fleet.runner.Assignments;
import dev.muster.fleet.runner.ComputeReconciler;
import dev.muster.fleet.runner.LaunchReconciler;
import dev.muster.fleet.runner.LaunchSecrets;
import dev.muster.fleet.runner.LaunchedSpecs;
import dev.muster.fleet.runner.RegistrationSweep;
import dev.muster.fleet.runner.RunnerDesk;
import dev.muster.fleet.runner.RunnerReconciler;
import dev.muster.fleet.spec.FleetChanges;
import dev.muster.fleet.spec.FleetSection;
import dev.muster.fleet.spec.FleetSpec;
import dev.muster.fleet.spec.Provider;
import dev.muster.kernel.access.Access;
import dev.muster.kernel.access.Principal;
import dev.muster.kernel.access.Role;
import dev.muster.kernel.access.Tokens;
import dev.muster.kernel.audit.Actor;
import dev.muster.kernel.audit.AuditLog;
import dev.muster.kernel.backup.BackupReconciler;
import dev.muster.kernel.backup.Backups;
import dev.muster.kernel.backup.Recovery;
import dev.muster.kernel.clock.Timers;
import dev.muster.kernel.home.Home;
import dev.muster.kernel.home.HomeLock;
import dev.muster.kernel.home.Running;
import dev.muster.kernel.home.Settings;
import dev.muster.kernel.http.BodyReader;
import dev.muster.kernel.http.HostGuard;
import dev.muster.kernel.http.Refusals;
import dev.muster.kernel.http.TransportGuard;
import dev.muster.kernel.queue.WorkKey;
import dev.muster.kernel.queue.WorkQueue;
import dev.muster.kernel.reconcile.ReconcileLoop;
import dev.muster.kernel.retention.RetentionReconciler;
import dev.muster.kernel.store.Database;
import dev.muster.kernel.store.Priority;
import dev.muster.kernel.store.Writer;
import dev.muster.kernel.supervision.Supervision;
import dev.muster.operator.Checks;
import dev.muster.operator.Operator;
import dev.muster.operator.OperatorRoutes;
import dev.muster.status.CountedProvider;
import dev.muster.status.Health;
import dev.muster.status.HealthRoutes;
import dev.muster.status.Liveness;
import dev.muster.status.Metrics;
import dev.muster.status.MetricsRoutes;
import dev.muster.status.StateGauges;
import dev.muster.status.StatusSite;
import dev.muster.status.api.ApiRoutes;
import dev.muster.status.api.EventRoutes;
import dev.muster.status.api.ReadGuard;
import dev.muster.status.api.StatusReader;
import dev.muster.status.page.AppCreation;
import dev.muster.status.page.PageRoutes;
import dev.muster.webhook.DeliveryInbox;
import dev.muster.webhook.DeliveryStore;
import dev.muster.webhook.WebhookRoutes;
import io.helidon.webserver.http.HttpRouting;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/** The one composition root: built from top to bottom, closed in reverse. */
public final class Appliance implements AutoCloseable, Supervision.Supervised {
  private static final Logger log = System.getLogger(Appliance.class.getName());

  /** Bodies that are read at a time; a burst beyond waits at the sender as 429. */
  private static final int BODY_BYTES = 96 << 20;

  private static final Duration BODY_PATIENCE = Duration.ofSeconds(30);

  /**
   * What the world gives; tests give their own.
   *
   * @param environment variables, for secrets
   * @param providers beside the local one, which replaces none of them
   */
  public record Surroundings(
      InstantSource clock,
      Timers timers,
      RandomGenerator random,
      Map<String, String> environment,
      AgentCommand agent,
      String version,
      Map<Provider, Supplier<ComputeProvider>> providers) {
    public Surroundings {
      environment = Map.copyOf(environment);
      providers = Map.copyOf(providers);
    }
  }

  private final Deque<AutoCloseable> opened;
  private final Home home;
  private final Database database;
  private final Writer writer;
  private final Running running;
  private final Optional<Tokens.Created> firstToken;
  private final Health health;
  private final Liveness liveness;

  private Appliance(Home home, Settings settings, Surroundings around, Deque<AutoCloseable> opened)
      throws IOException {
    this.home = home;
    this.opened = opened;
    opened.push(HomeLock.take(home));
    ApplianceListeners.requireFree(settings);
    InstantSource clock = around.clock();
    Secrets secrets = new FileSecrets(home.secrets(), around.environment());
    Metrics metrics = new Metrics();
    InForce inForce = new InForce();
    Supplier<Optional<FleetSpec>> fleet = inForce.section(FleetSpec.class);
    Supplier<Optional<GitHubSpec>> github = inForce.section(GitHubSpec.class);
    GitCredentials entrance = configCredentials(settings, secrets, clock, metrics, github);
    // The database, JGit and Helidon each take a tenth of a second to get going: side by side.
    Future<ConfigRepository> opening = meanwhile(() -> configRepository(settings, entrance));
    Future<HttpRouting.Builder> routing = meanwhile(HttpRouting::builder);

    AuditLog audit = new AuditLog(clock);
    Backups backups = new Backups(home, clock);
    Recovery.Opened recovered = new Recovery(home, backups, clock).open();
    database = open(recovered.database());
    writer = open(new Writer(database, audit));
    writer.start();
    recovered.loss().ifPresent(loss -> sayLoss(loss, clock));
    WorkQueue queue = new WorkQueue();

    metrics.add(new StateGauges(database, metrics, clock));
    ConfigLoader loader = configLoader();
    FleetChanges changes = new FleetChanges();

    GitHubClient client = open(new GitHubClient(github, secrets, clock, metrics));
    GitHubRunners registry = new GitHubRunners(client);
    LaunchedSpecs specs = new LaunchedSpecs(database);
    JobPlacement placement = new JobPlacement(fleet, queue);
    LaunchSecrets launchSecrets = new LaunchSecrets(home.key());
    Assignments assignments = new Assignments();
    RunnerDesk desk =
        new RunnerDesk(database, writer, queue, clock, launchSecrets, assignments, specs);

    DeliveryStore deliveries = new DeliveryStore();
    DeliveryInbox inbox =
        open(
            new DeliveryInbox(
                database,
                writer,
                deliveries,
                List.of(new GitHubWebhooks(queue, clock, placement, specs)),
                around.timers(),
                clock));

    ConfigRepository repository = open(result(opening));
    ConfigReconciler config =
        new ConfigReconciler(
            database,
            writer,
            audit,
            clock,
            repository,
            loader,
            inForce,
            changes,
            List.<Activation>of(
                new FleetActivation(queue, placement, clock), new GitHubActivation(queue, clock)));
    config.restore();

    String localToken = randomToken();
    Access access = new Access(database, localToken);
    firstToken = firstToken(audit, clock);
    health = new Health(database, writer, inForce, repository);
    BodyReader bodies = new BodyReader(BODY_BYTES, BODY_PATIENCE, clock);
    WebhookRoutes webhooks =
        new WebhookRoutes(
            List.of(new GitHubSource(github, secrets)),
            bodies,
            writer,
            inbox,
            clock,
            around.random(),
            metrics);

    HttpRouting.Builder publicRouting =
        result(routing)
            .addFilter(new TransportGuard(List.of("/agent/", "/git/"), settings.proxies()))
            .register("/webhooks", webhooks)
            .register("/", new AgentRoutes(desk, bodies))
            .register("/", new HealthRoutes(health));
    if (repository instanceof EmbeddedRepository embedded) {
      ConfigPushCheck check = new ConfigPushCheck(loader, inForce, changes);
      publicRouting.register(
          "/git/config.git",
          new GitRoutes(embedded, access, check, who -> pushed(queue, audit, clock, who)));
    }
    Refusals.addTo(publicRouting);
    Operator operator =
        new Operator(database, writer, queue, audit, clock, fleet, specs, new GitHubJobs(client));
    OperatorRoutes operations =
        new OperatorRoutes(
            operator,
            access,
            bodies,
            database,
            audit,
            List.of(deliveries),
            home,
            clock,
            loader,
            inForce,
            changes,
            new Checks(database, inForce, secrets, new AppCheck(client), home));
    StatusSite status =
        new StatusSite(
            database,
            writer,
            inForce,
            repository,
            new StatusReader.Identity(around.version(), settings.region()),
            clock);
    writer.onCommit(status.changes()::changed);
    AppCreation apps =
        new AppCreation(
            new AppManifest(client),
            github,
            secrets,
            new SecretsFile(home.secrets()),
            writer,
            audit,
            () -> publicUrl(settings));
    PageRoutes pages = new PageRoutes(status.readers(), () -> pushUrl(settings));
    HttpRouting.Builder adminRouting = adminRouting(settings, access);
    adminRouting
        .register("/", new HealthRoutes(health), new MetricsRoutes(metrics))
        .register(
            "/api/v1",
            operations,
            new ApiRoutes(status.readers()),
            new EventRoutes(status.changes()))
        .register("/", pages, pages.appRoutes(apps, access, bodies, clock));
    Refusals.addTo(adminRouting);
    ApplianceListeners listeners =
        open(ApplianceListeners.start(settings, publicRouting, adminRouting));
    open(status); // before the server stops, or it waits for whoever looks at the page
    running =
        new Running(
            ProcessHandle.current().pid(), listeners.publicUrl(), listeners.adminUrl(), localToken);

    Compute compute = compute(around, metrics);
    ReconcileLoop loop =
        open(
            new ReconcileLoop(
                database, writer, queue, clock, around.timers(), around.random(), metrics));
    liveness = new Liveness(writer, loop, running.adminUrl());
    URI agentUrl = settings.agentUrl().or(settings::publicUrl).orElse(running.publicUrl());
    loop.register(config);
    loop.register(
        new PoolReconciler(
            database, writer, queue, clock, around.random(), fleet, compute, specs, agentUrl));
    loop.register(
        new LaunchReconciler(database, writer, queue, clock, compute, launchSecrets, specs));
    loop.register(
        new RunnerReconciler(
            database,
            writer,
            queue,
            clock,
            compute,
            registry,
            assignments,
            specs,
            environment ->
                fleet
                    .get()
                    .flatMap(f -> f.environment(environment))
                    .flatMap(e -> e.runnerGroup())));
    loop.register(
        new ComputeReconciler(
            database, writer, queue, clock, compute, specs, Recovery.reapingFrom(database)));
    loop.register(new RegistrationSweep(database, writer, clock, registry));
    loop.register(new JobReconciler(database, writer, queue, clock, client));
    loop.register(new RunOriginReconciler(database, writer, clock, client, placement));
    loop.register(new RejectedJobReporter(database, writer, clock, client));
    loop.register(new DeliveryCatchUp(database, writer, clock, client, inbox));
    loop.register(new BackupReconciler(database, writer, clock, backups));
    loop.register(
        new RetentionReconciler(
            writer, clock, new Retentions(inForce.section(CoreSpec.class)).expiries(deliveries)));
    loop.register(new QueuedJobScan(database, writer, clock, client, placement));
    inbox.start();
    loop.start();
    dueAtStart(queue, clock);
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

  /** On loopback anybody may look, as long as it is no web page elsewhere that makes them. */
  private static HttpRouting.Builder adminRouting(Settings settings, Access access) {
    return HttpRouting.builder()
        .addFilter(settings.admin().loopback() ? new HostGuard() : new ReadGuard(access));
  }

  /** How the world reaches the public listener, as far as anybody said. */
  private URI publicUrl(Settings settings) {
    return settings.publicUrl().orElseGet(() -> running().publicUrl());
  }

  /** Where a config is pushed to; empty where it comes from elsewhere. */
  private Optional<URI> pushUrl(Settings settings) {
    if (settings.configUrl().isPresent()) {
      return Optional.empty();
    }
    String base = publicUrl(settings).toString().replaceAll("/+$", "");
    return Optional.of(URI.create(base + "/git/config.git"));
  }

  private void sayLoss(String loss, InstantSource clock) {
    writer.run(Priority.RECONCILE, tx -> Recovery.say(tx, loss, clock.instant()));
  }

  private <T extends AutoCloseable> T open(T part) {
    opened.push(part);
    return part;
  }

  private static <T> Future<T> meanwhile(Callable<T> work) {
    FutureTask<T> task = new FutureTask<>(work);
    Thread.ofVirtual().name("start").start(task);
    return task;
  }

  private static <T> T result(Future<T> future) throws IOException {
    try {
      return future.get();
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case IOException cause -> throw cause;
        case RuntimeException cause -> throw cause;
        case null, default -> throw new IllegalStateException("The start failed", e);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("The start was interrupted");
    }
  }

  /** What a remote config is pulled with: what somebody wrote down, else the App. */
  private GitCredentials configCredentials(
      Settings settings,
      Secrets secrets,
      InstantSource clock,
      Metrics metrics,
      Supplier<Optional<GitHubSpec>> github) {
    SecretRef secret = new SecretRef("config-repo");
    GitCredentials written = GitCredentials.written(() -> secrets.value(secret));
    if (settings.configUrl().isEmpty()) {
      return written;
    }
    String url = settings.configUrl().get();
    // The machine's comes first: with the config's alone there would be no first pull, and none
    // after
    // a push that names a wrong App.
    Optional<GitHubSpec> machine =
        settings.configApp().isEmpty()
            ? Optional.empty()
            : GitHubSpec.ofMachine(
                url, settings.configApp().getAsLong(), new SecretRef("github-app-key"));
    GitHubClient client = open(new GitHubClient(() -> machine.or(github), secrets, clock, metrics));
    return new AppGitCredentials(written, url, client);
  }

  private ConfigRepository configRepository(Settings settings, GitCredentials credentials)
      throws IOException {
    if (settings.configUrl().isEmpty()) {
      return EmbeddedRepository.open(home.configRepository(), settings.configBranch());
    }
    return RemoteRepository.open(
        settings.configUrl().get(), settings.configBranch(), credentials, home.configCache());
  }

  private Compute compute(Surroundings around, Metrics metrics) {
    Map<Provider, Supplier<ComputeProvider>> providers = new HashMap<>(around.providers());
    ComputeProvider local =
        new LocalComputeProvider(home.runners(), around.agent(), around.clock());
    providers.putIfAbsent(Provider.LOCAL, () -> local);
    providers.replaceAll((name, provider) -> counted(provider, metrics));
    return new Compute(providers);
  }

  /** Made when it is first needed, and counted from then on. */
  private static Supplier<ComputeProvider> counted(
      Supplier<ComputeProvider> provider, Metrics metrics) {
    return () -> new CountedProvider(provider.get(), metrics);
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

  private void pushed(WorkQueue queue, AuditLog audit, InstantSource clock, Principal who) {
    writer.run(
        Priority.ACKNOWLEDGE,
        tx -> {
          audit.add(tx, who.actor(), "config.pushed", "config.git", "");
          queue.due(tx, ConfigReconciler.KEY, clock.instant(), Optional.empty());
        });
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
    writer.run(
        Priority.RECONCILE,
        tx -> keys.forEach(key -> queue.due(tx, key, clock.instant(), Optional.empty())));
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
        log.log(Level.WARNING, "Closing " + part.getClass().getSimpleName() + " failed", e);
      }
    }
  }
}
