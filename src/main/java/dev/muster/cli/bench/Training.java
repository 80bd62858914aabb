package dev.muster.cli.bench;

import dev.muster.kernel.home.Home;
import dev.muster.kernel.home.Running;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What an appliance and its command line do on a usual day, so that the image's AOT caches hold the
 * classes they need. No more than that: every class in a cache is linked at each start, needed or
 * not.
 */
public final class Training {
  private static final int DELIVERIES = 500;
  private static final int CONNECTIONS = 16;
  private static final List<String> PAGES =
      List.of(
          "/readyz",
          "/",
          "/jobs",
          "/runners",
          "/queue",
          "/config",
          "/audit",
          "/api/v1/status",
          "/metrics");

  /** What a start reads of a usual config besides pools. */
  private static final String ENVIRONMENT =
      """
      defaults: { time_zone: Europe/Berlin, environment: dev, max_runners: 500 }
      retention: { deliveries: 7d, jobs: 90d, audit: 400d }
      environments:
        dev:
          repositories: ["acme/*"]
          account_role: arn:aws:iam::111122223333:role/muster-dev
          regions:
            local: { vpc: vpc-1, subnets: [subnet-a], security_groups: [sg-1] }
          tables: muster-dev
          bucket: muster-cache-dev
          runner_group: dev-runners
          allow: { public_repositories: false, forks: false }
          budget: { monthly_usd: 2000, alert_at_percent: [50, 80], hold_at_percent: 120 }
          tags: { CostCentre: ci }
      """;

  private final Path folder;
  private final Home home;

  /** In a folder that may hold the home of a run before. */
  public Training(Path folder) throws IOException {
    this.folder = folder;
    this.home = BenchHome.create(folder.resolve("home"));
  }

  /** The command line of the appliance to use. */
  public String[] serve() {
    return new String[] {
      "serve", "--home", home.root().toString(), "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"
    };
  }

  /** The config that it is given, as a working tree. */
  public Path config() {
    return folder.resolve("config");
  }

  /** What its user asks the command line while it serves; each must answer with 0. */
  public List<List<String>> commands() {
    String in = home.root().toString();
    return List.of(
        List.of("version"),
        List.of("validate", config().toString()),
        List.of("validate", "--format", "json", config().toString()),
        List.of("plan", "--home", in, config().toString()),
        List.of("status", "--home", in),
        List.of("runner", "list", "--home", in),
        List.of("token", "list", "--home", in),
        List.of("why", "--home", in, "pool", "pool-0000"),
        List.of("audit", "--home", in));
  }

  /** Has it serve in a process of its own while {@code work} is done. */
  public void serveDuring(Bench bench, Runnable work) throws IOException, InterruptedException {
    try (ApplianceProcess _ = ApplianceProcess.start(bench, home.root())) {
      work.run();
    }
  }

  /** Waits until it serves, and uses it. */
  public void use() throws IOException, InterruptedException {
    InProcess.until("the appliance serves", () -> running().isPresent());
    Running running = running().orElseThrow();
    BenchHome.push(
        config(),
        running.publicUrl(),
        running.token(),
        BenchHome.config("# " + running.pid() + "\n" + ENVIRONMENT + BenchHome.pools(3, 0)));
    new Deliveries(running.publicUrl(), BenchHome.SECRET, new JobPayload("ubuntu-latest", 8 << 10))
        .send(running.pid() % 100_000 * DELIVERIES, DELIVERIES, CONNECTIONS);
    for (String page : PAGES) {
      HttpURLConnection connection =
          (HttpURLConnection) running.adminUrl().resolve(page).toURL().openConnection();
      if (connection.getResponseCode() != 200) {
        throw new IOException(page + " answered " + connection.getResponseCode());
      }
      connection.getInputStream().readAllBytes();
    }
  }

  private Optional<Running> running() {
    try {
      return home.running();
    } catch (IOException e) {
      throw new UncheckedIOException("The home of the training cannot be read", e);
    }
  }
}
