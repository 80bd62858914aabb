package dev.muster;

import dev.muster.Appliance.Surroundings;
import dev.muster.config.ConfigRepository;
import dev.muster.fleet.github.GitHubClient;
import dev.muster.kernel.home.Settings;
import dev.muster.kernel.notice.Notices;
import dev.muster.kernel.store.Priority;
import dev.muster.kernel.store.Writer;
import dev.muster.kernel.tracing.Telemetry;
import dev.muster.kernel.tracing.otel.OtlpTelemetry;
import dev.muster.tracing.TracedGitHubCalls;
import dev.muster.tracing.TracedRepository;
import java.net.URI;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Tracing, composed. */
final class TelemetryParts {
  private static final String NOTICE = "traces";
  private static final String UNNAMED = "local";

  private TelemetryParts() {}

  /** Loads no class of a library where nobody named a receiver. */
  static Telemetry open(Settings settings, Surroundings around) {
    Map<String, String> environment = around.environment();
    boolean named =
        settings.otlpEndpoint().isPresent()
            || Stream.of("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
                .anyMatch(name -> !environment.getOrDefault(name, "").isBlank());
    if (!named || Boolean.parseBoolean(environment.getOrDefault("OTEL_SDK_DISABLED", ""))) {
      return Telemetry.OFF;
    }
    return OtlpTelemetry.open(
        settings.otlpEndpoint().map(URI::toString),
        environment,
        new OtlpTelemetry.Service(
            around.version(), Optional.of(settings.region()).filter(r -> !r.equals(UNNAMED))),
        around.clock());
  }

  /** Calls of GitHub, counted, and as spans where spans go anywhere. */
  static GitHubClient.Observer calls(
      GitHubClient.Observer counted, Telemetry telemetry, InstantSource clock) {
    return telemetry.on() ? new TracedGitHubCalls(counted, telemetry, clock) : counted;
  }

  static ConfigRepository traced(ConfigRepository repository, Telemetry telemetry) {
    return telemetry.on() ? new TracedRepository(repository, telemetry) : repository;
  }

  /** Shows on the page that traces do not arrive, until they do. */
  static void note(Writer writer, InstantSource clock, Optional<String> trouble) {
    writer.run(
        Priority.HOUSEKEEPING,
        tx ->
            trouble.ifPresentOrElse(
                said ->
                    Notices.raise(
                        tx,
                        new Notices.Notice(
                            NOTICE, Notices.Severity.WARNING, clock.instant(), said)),
                () -> Notices.settle(tx, NOTICE)));
  }
}
