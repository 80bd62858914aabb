package dev.muster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.fleet.job.JobState;
import dev.muster.sandbox.SandboxJob;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The dashboard and the alert rules ask for what a running appliance really shows. */
@Timeout(120)
class ObservabilityIT {
  /** SURFACE's names, with their labels. */
  private static final Map<String, Set<String>> PROMISED =
      Map.ofEntries(
          Map.entry("muster_webhook_deliveries_total", Set.of("source", "outcome")),
          Map.entry("muster_webhook_ack_seconds_bucket", Set.of("le")),
          Map.entry("muster_queue_depth", Set.of()),
          Map.entry("muster_reconcile_seconds_bucket", Set.of("reconciler", "le")),
          Map.entry("muster_jobs", Set.of("state")),
          Map.entry("muster_job_wait_seconds_bucket", Set.of("pool", "source", "le")),
          Map.entry("muster_pool_instances", Set.of("pool", "state")),
          Map.entry("muster_provider_calls_total", Set.of("provider", "operation", "outcome")),
          Map.entry("muster_config_revision_info", Set.of("revision")),
          Map.entry("muster_config_rejected", Set.of()),
          Map.entry("muster_github_rate_limit_remaining", Set.of("app")));

  @TempDir private Path folder;

  @Test
  void everyMetricAndLabelThatIsAskedForIsThere() throws Exception {
    try (LocalFleet fleet = new LocalFleet(folder, Map.of());
        HttpClient http = HttpClient.newHttpClient()) {
      SandboxJob job =
          fleet.sandbox().queueJob("acme/api", List.of("muster=1/runner=here"), List.of("sleep 1"));
      fleet.await(job, j -> j.state() == JobState.RUNNING);
      URI metrics = fleet.running().running().adminUrl().resolve("/metrics");
      scrape(http, metrics); // starts are observed by one scrape and shown by the next
      Map<String, Set<String>> exposed = Observability.exposed(scrape(http, metrics));
      assertThat(exposed).containsAllEntriesOf(PROMISED);
      List<String> expressions = Observability.expressions();
      assertThat(expressions).hasSizeGreaterThan(25);
      for (String expression : expressions) {
        Observability.wanted(expression)
            .forEach((metric, labels) ->
                assertThat(exposed.get(metric))
                    .as("%s, as in %s", metric, expression)
                    .isNotNull()
                    .containsAll(labels));
      }
    }
  }

  private static String scrape(HttpClient http, URI metrics) throws Exception {
    return http.send(HttpRequest.newBuilder(metrics).build(), HttpResponse.BodyHandlers.ofString())
        .body();
  }
}
