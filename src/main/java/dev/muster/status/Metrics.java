package dev.muster.status;

import dev.muster.fleet.compute.ec2.InterruptionQueue;
import dev.muster.fleet.github.GitHubClient;
import dev.muster.fleet.github.Operation;
import dev.muster.kernel.reconcile.ReconcileLoop;
import dev.muster.webhook.WebhookRoutes;
import io.prometheus.metrics.config.EscapingScheme;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;

/**
 * What is counted while it happens; {@link StateGauges} adds what is read when somebody asks.
 * Labels come from closed sets: what a stranger can choose, as the name of an unknown webhook
 * source, is counted as {@code other}. Without exemplars, which the text form does not have: for
 * them the library would load OpenTelemetry where it finds it.
 */
public final class Metrics
    implements WebhookRoutes.Observer,
        ReconcileLoop.Observer,
        GitHubClient.Observer,
        InterruptionQueue.Observer {
  /** The type of the answer. */
  public static final String CONTENT_TYPE = PrometheusTextFormatWriter.CONTENT_TYPE;

  private static final Set<String> SOURCES = Set.of("github", "slack", "pagerduty", "incidentio");
  private static final double[] FAST = {.001, .002, .005, .01, .025, .05, .1, .25, .5, 1, 5};
  private static final double[] WAITS = {1, 2, 5, 10, 20, 30, 60, 90, 120, 180, 300, 600, 1800};
  private static final double[] SLOW = {.005, .01, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60};

  private final PrometheusRegistry registry = new PrometheusRegistry();
  private final Counter deliveries =
      Counter.builder()
          .name("muster_webhook_deliveries_total")
          .help("Webhook deliveries by what was answered")
          .labelNames("source", "outcome")
          .withoutExemplars()
          .register(registry);
  private final Histogram acknowledged =
      Histogram.builder()
          .name("muster_webhook_ack_seconds")
          .help("From a delivery's arrival to its answer, the disk included")
          .classicOnly()
          .classicUpperBounds(FAST)
          .withoutExemplars()
          .register(registry);
  private final Histogram reconciles =
      Histogram.builder()
          .name("muster_reconcile_seconds")
          .help("How long a reconcile took")
          .labelNames("reconciler")
          .classicOnly()
          .classicUpperBounds(SLOW)
          .withoutExemplars()
          .register(registry);
  private final Counter reconciled =
      Counter.builder()
          .name("muster_reconciles_total")
          .help("Reconciles by how they ended")
          .labelNames("reconciler", "outcome")
          .withoutExemplars()
          .register(registry);
  private final Counter providerCalls =
      Counter.builder()
          .name("muster_provider_calls_total")
          .help("Calls of compute providers by how they ended")
          .labelNames("provider", "operation", "outcome")
          .withoutExemplars()
          .register(registry);
  private final Counter gitHubCalls =
      Counter.builder()
          .name("muster_github_calls_total")
          .help("Calls of GitHub by how they ended")
          .labelNames("operation", "outcome")
          .withoutExemplars()
          .register(registry);
  private final Counter interruptions =
      Counter.builder()
          .name("muster_interruption_messages_total")
          .help("Messages about spot machines by what became of them")
          .labelNames("region", "outcome")
          .withoutExemplars()
          .register(registry);
  private final Histogram jobWaits =
      Histogram.builder()
          .name("muster_job_wait_seconds")
          .help("From a job's queueing to its start; warm is a runner that was there before it")
          .labelNames("pool", "source")
          .classicOnly()
          .classicUpperBounds(WAITS)
          .withoutExemplars()
          .register(registry);
  private final Gauge gitHubRemaining =
      Gauge.builder()
          .name("muster_github_rate_limit_remaining")
          .help("Requests that GitHub still grants in this hour")
          .labelNames("app")
          .withoutExemplars()
          .register(registry);

  /** A job got its runner. */
  void jobStarted(String pool, boolean warm, Duration waited) {
    jobWaits.labelValues(pool, warm ? "warm" : "cold").observe(seconds(waited));
  }

  /** Adds what is read when somebody asks. */
  public void add(MultiCollector read) {
    registry.register(read);
  }

  @Override
  public void answered(String source, String outcome, Duration took) {
    deliveries.labelValues(SOURCES.contains(source) ? source : "other", outcome).inc();
    acknowledged.observe(seconds(took));
  }

  @Override
  public void reconciled(String kind, Duration took, String outcome) {
    reconciles.labelValues(kind).observe(seconds(took));
    reconciled.labelValues(kind, outcome.toLowerCase(Locale.ROOT)).inc();
  }

  @Override
  public void called(Operation operation, String outcome, Duration took) {
    gitHubCalls.labelValues(operation.name().toLowerCase(Locale.ROOT), outcome).inc();
  }

  @Override
  public void remaining(String budget, long requests) {
    gitHubRemaining.labelValues(budget).set((double) requests);
  }

  @Override
  public void received(String region, InterruptionQueue.Outcome outcome) {
    interruptions.labelValues(region, outcome.name().toLowerCase(Locale.ROOT)).inc();
  }

  /** A call of a compute provider ended. */
  void providerCalled(String provider, String operation, String outcome) {
    providerCalls.labelValues(provider, operation, outcome).inc();
  }

  /** Writes everything in Prometheus' text form. */
  void write(OutputStream out) throws IOException {
    PrometheusTextFormatWriter.create()
        .write(out, registry.scrape(), EscapingScheme.UNDERSCORE_ESCAPING);
  }

  private static double seconds(Duration duration) {
    return duration.toNanos() / 1e9;
  }
}
