package dev.muster;

import dev.muster.agentlink.AgentFileRoutes;
import dev.muster.agentlink.AgentFiles;
import dev.muster.agentlink.AgentRoutes;
import dev.muster.config.ConfigReconciler;
import dev.muster.config.ConfigRepository;
import dev.muster.config.Secrets;
import dev.muster.config.SecretsFile;
import dev.muster.config.git.ConfigPushCheck;
import dev.muster.config.git.EmbeddedRepository;
import dev.muster.config.git.GitRoutes;
import dev.muster.fleet.github.AppCheck;
import dev.muster.fleet.github.AppManifest;
import dev.muster.fleet.github.GitHubClient;
import dev.muster.fleet.github.GitHubJobs;
import dev.muster.fleet.github.GitHubSource;
import dev.muster.fleet.runner.RunnerDesk;
import dev.muster.kernel.access.Access;
import dev.muster.kernel.access.Principal;
import dev.muster.kernel.home.Settings;
import dev.muster.kernel.http.BodyReader;
import dev.muster.kernel.http.OriginGuard;
import dev.muster.kernel.http.Refusals;
import dev.muster.kernel.http.TracingFilter;
import dev.muster.kernel.http.TransportGuard;
import dev.muster.kernel.store.Priority;
import dev.muster.operator.AcceptanceRoutes;
import dev.muster.operator.Checks;
import dev.muster.operator.Operator;
import dev.muster.operator.OperatorRoutes;
import dev.muster.status.Health;
import dev.muster.status.HealthRoutes;
import dev.muster.status.MetricsRoutes;
import dev.muster.status.StatusSite;
import dev.muster.status.api.ApiRoutes;
import dev.muster.status.api.EnvironmentGuard;
import dev.muster.status.api.EventRoutes;
import dev.muster.status.page.AppCreation;
import dev.muster.status.page.PageRoutes;
import dev.muster.webhook.DeliveryInbox;
import dev.muster.webhook.DeliveryStore;
import dev.muster.webhook.WebhookDoor;
import dev.muster.webhook.WebhookRoutes;
import io.helidon.webserver.http.HttpRouting;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * What the two listeners serve, composed.
 *
 * @param access who may do what
 * @param publicUrl how the world reaches the public listener; known once it listens
 */
record ApplianceRoutes(
    Kernel kernel,
    Settings settings,
    ConfigParts config,
    ConfigRepository repository,
    Secrets secrets,
    GitHubClient client,
    Access access,
    BodyReader bodies,
    Supplier<URI> publicUrl) {
  /** Bodies that are read at a time; a burst beyond waits at the sender as 429. */
  private static final int BODY_BYTES = 96 << 20;

  private static final Duration BODY_PATIENCE = Duration.ofSeconds(30);

  ApplianceRoutes(
      Kernel kernel,
      Settings settings,
      ConfigParts config,
      ConfigRepository repository,
      Secrets secrets,
      GitHubClient client,
      Access access,
      Supplier<URI> publicUrl) {
    this(
        kernel,
        settings,
        config,
        repository,
        secrets,
        client,
        access,
        new BodyReader(BODY_BYTES, BODY_PATIENCE, kernel.clock()),
        publicUrl);
  }

  /** What all deliveries go through. */
  WebhookDoor door(DeliveryInbox inbox, RandomGenerator random) {
    return new WebhookDoor(
        List.of(new GitHubSource(config.github(), secrets)),
        kernel.writer(),
        inbox,
        kernel.clock(),
        random,
        kernel.metrics(),
        kernel.telemetry());
  }

  /** The listener that GitHub, agents and git reach. */
  void addPublic(
      HttpRouting.Builder routing,
      WebhookDoor door,
      RunnerDesk desk,
      AgentFiles agents,
      Health health) {
    TracingFilter.addTo(routing, kernel.telemetry());
    routing
        .addFilter(new TransportGuard(List.of("/agent/", "/git/"), settings.proxies()))
        .register("/webhooks", new WebhookRoutes(door, bodies))
        .register("/", new AgentRoutes(desk, bodies, kernel.clock()), new AgentFileRoutes(agents))
        .register("/", new HealthRoutes(health));
    if (repository instanceof EmbeddedRepository embedded) {
      ConfigPushCheck check =
          new ConfigPushCheck(config.loader(), config.inForce(), config.changes());
      routing.register("/git/config.git", new GitRoutes(embedded, access, check, this::pushed));
    }
    Refusals.addTo(routing);
  }

  private void pushed(Principal who) {
    kernel
        .writer()
        .run(
            Priority.ACKNOWLEDGE,
            tx -> {
              kernel.audit().add(tx, who.actor(), "config.pushed", "config.git", "");
              kernel
                  .queue()
                  .due(tx, ConfigReconciler.KEY, kernel.clock().instant(), Optional.empty());
            });
  }

  /** The listener of the status page, the API and the metrics. */
  void addAdmin(
      HttpRouting.Builder routing,
      StatusSite status,
      Health health,
      DeliveryStore deliveries,
      FleetParts fleet) {
    PageRoutes pages = new PageRoutes(status.readers(), this::pushUrl);
    routing
        .addFilter(ApplianceListeners.readGuard(settings.admin(), access))
        .addFilter(new EnvironmentGuard(access))
        .addFilter(new OriginGuard("/api/"))
        .register("/", new HealthRoutes(health), new MetricsRoutes(kernel.metrics()))
        .register(
            "/api/v1",
            operations(deliveries, fleet),
            new AcceptanceRoutes(fleet.acceptances(), access, bodies),
            new ApiRoutes(status.readers()),
            new EventRoutes(status.changes()))
        .register("/", pages.appRoutes(apps(), access, bodies, kernel.clock()), pages);
    TracingFilter.addTo(routing, kernel.telemetry());
    Refusals.addTo(routing);
  }

  private OperatorRoutes operations(DeliveryStore deliveries, FleetParts fleet) {
    Operator operator =
        new Operator(
            kernel.database(),
            kernel.writer(),
            kernel.queue(),
            kernel.audit(),
            kernel.clock(),
            config.fleet(),
            fleet.specs(),
            new GitHubJobs(client));
    return new OperatorRoutes(
        operator,
        access,
        bodies,
        kernel.database(),
        kernel.audit(),
        List.of(deliveries),
        kernel.home(),
        kernel.clock(),
        config.loader(),
        config.inForce(),
        config.changes(),
        fleet::monthlyCost,
        checks(fleet));
  }

  /** What {@code muster doctor} looks at. */
  Checks checks(FleetParts fleet) {
    return new Checks(
        kernel.database(),
        config.inForce(),
        secrets,
        new AppCheck(client, publicUrl, kernel.clock()),
        fleet::examine,
        kernel.home());
  }

  private AppCreation apps() {
    return new AppCreation(
        new AppManifest(client),
        config.github(),
        secrets,
        new SecretsFile(kernel.home().secrets()),
        kernel.writer(),
        kernel.audit(),
        publicUrl);
  }

  /** Where a config is pushed to; empty where it comes from elsewhere. */
  private Optional<URI> pushUrl() {
    if (settings.configUrl().isPresent()) {
      return Optional.empty();
    }
    String base = publicUrl.get().toString().replaceAll("/+$", "");
    return Optional.of(URI.create(base + "/git/config.git"));
  }
}
