package dev.muster.fleet.github;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.muster.fleet.job.EndedJobs;
import dev.muster.fleet.job.Homes;
import dev.muster.fleet.job.Job;
import dev.muster.fleet.job.JobId;
import dev.muster.fleet.job.JobPlacement;
import dev.muster.fleet.job.JobStore;
import dev.muster.fleet.job.TimelineEntry;
import dev.muster.fleet.job.WarmPools;
import dev.muster.fleet.runner.Deadlines;
import dev.muster.fleet.runner.InterruptedJobs;
import dev.muster.fleet.spec.EnvironmentSpec;
import dev.muster.fleet.spec.FleetSpec;
import dev.muster.fleet.spec.PoolSpec;
import dev.muster.fleet.spec.Provider;
import dev.muster.fleet.spec.RunnerSpec;
import dev.muster.kernel.audit.AuditLog;
import dev.muster.kernel.queue.WorkItem;
import dev.muster.kernel.queue.WorkKey;
import dev.muster.kernel.queue.WorkQueue;
import dev.muster.kernel.store.StoreFixture;
import dev.muster.sandbox.SandboxDelivery;
import dev.muster.sandbox.SandboxJob;
import dev.muster.sandbox.SandboxSettings;
import dev.muster.webhook.Delivery;
import dev.muster.webhook.DeliveryHandler.Effect;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Jobs in a real database, as the sandbox's webhooks tell of them, and a config that serves some.
 */
final class JobsFixture implements AutoCloseable {
  static final String REPOSITORY = "acme/api";

  /** Of every runner. */
  static final Deadlines LIMITS = Deadlines.linux(Duration.ofHours(6));

  final GitHubFixture github;
  final StoreFixture store;
  final WorkQueue queue = new WorkQueue();
  final JobPlacement placement;
  final AuditLog audit;
  final InterruptedJobs interrupted;
  final GitHubWebhooks webhooks;
  private int queued;
  private JsonNode seat = MissingNode.getInstance();
  private Optional<FleetSpec> config = Optional.empty();

  JobsFixture(Path folder, SandboxSettings settings) {
    github = new GitHubFixture(settings);
    audit = new AuditLog(github::now);
    store = StoreFixture.open(folder, audit);
    placement = new JobPlacement(() -> config, queue, new WarmPools());
    interrupted = new InterruptedJobs(queue, audit, github::now);
    webhooks =
        new GitHubWebhooks(
            queue,
            github::now,
            placement,
            runner -> LIMITS,
            interrupted,
            Homes.ALONE,
            EndedJobs.UNHEARD);
    configure(new EnvironmentSpec.Allow(false, true));
  }

  /** Puts a config with one pool in force, which allows this much. */
  void configure(EnvironmentSpec.Allow allow) {
    RunnerSpec spec = RunnerSpec.forgotten("here", "local");
    EnvironmentSpec open = EnvironmentSpec.named("dev");
    EnvironmentSpec environment =
        new EnvironmentSpec(
            open.name(),
            open.repositories(),
            open.accountRole(),
            open.regions(),
            open.tables(),
            open.bucket(),
            open.runnerGroup(),
            allow,
            open.budget(),
            open.tags());
    PoolSpec pool =
        new PoolSpec(
            "default",
            spec,
            "dev",
            "local",
            0,
            0,
            10,
            Duration.ofMinutes(30),
            ZoneId.of("UTC"),
            List.of(),
            10,
            false);
    config =
        Optional.of(
            new FleetSpec(
                new FleetSpec.Defaults(Provider.LOCAL, "dev", "local", ZoneId.of("UTC"), 10),
                List.of(spec),
                Map.of("dev", environment),
                List.of(pool)));
    store.run(tx -> placement.placeAll(tx, github.now()));
  }

  /** A job with one label at the sandbox; nobody is told yet. */
  SandboxJob queued(String label) {
    return github.sandbox.queueJob(REPOSITORY, List.of(label), List.of("true"));
  }

  /** Hands over what the sandbox has sent so far and is of interest, in order. */
  void deliver(int sent, Predicate<SandboxDelivery> wanted) throws InterruptedException {
    github.sandbox.awaitDeliveries(sent);
    github.sandbox.deliveries().reversed().stream().filter(wanted).forEach(this::deliver);
  }

  private void deliver(SandboxDelivery sent) {
    Effect effect =
        webhooks.read(
            new Delivery(
                GitHubWebhooks.SOURCE,
                sent.guid(),
                sent.about().event(),
                sent.payload().getBytes(StandardCharsets.UTF_8),
                github.now(),
                Optional.empty()));
    if (effect instanceof Effect.Change change) {
      store.run(change.application()::apply);
    }
  }

  /** A job of a run of its own, of which only the job's webhook has arrived. */
  JobId heard(String label) throws InterruptedException {
    SandboxJob job = queued(label);
    queued++;
    deliver(2 * queued, sent -> sent.about().event().equals("workflow_job"));
    return new JobId(job.id());
  }

  /**
   * A runner of this name takes the job that waits for this label at GitHub, as its program would.
   */
  void takenBy(String name, String label) throws IOException, InterruptedException {
    String jit = github.sandbox.registerRunner("repos/" + REPOSITORY, name, List.of(label));
    seat = new ObjectMapper().readTree(Base64.getDecoder().decode(jit));
    assertThat(runner("GET", "/job")).as("a job").isEqualTo(200);
  }

  /** The job that was taken last ends well at GitHub. */
  void done() throws IOException, InterruptedException {
    assertThat(runner("POST", "/done/success")).isLessThan(300);
  }

  private int runner(String method, String path) throws IOException, InterruptedException {
    String base = seat.path("url").asText() + "/sandbox/runners/" + seat.path("runner").asText();
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(base + path))
            .header("Authorization", "Bearer " + seat.path("secret").asText())
            .method(method, HttpRequest.BodyPublishers.noBody())
            .build();
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
    }
  }

  Job job(JobId id) {
    return store.read(read -> JobStore.find(read, id)).orElseThrow();
  }

  List<TimelineEntry> timeline(JobId id) {
    return store.read(read -> JobStore.timeline(read, id));
  }

  Optional<WorkItem> due(WorkKey key) {
    return store.read(read -> WorkQueue.find(read, key));
  }

  void assertDue(WorkKey key) {
    assertThat(due(key)).as(key.toString()).isPresent();
  }

  @Override
  public void close() {
    store.close();
    github.close();
  }
}
