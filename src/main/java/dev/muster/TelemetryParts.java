package dev.muster;

import dev.muster.config.ConfigRepository;
import dev.muster.fleet.github.GitHubClient;
import dev.muster.kernel.aws.AwsAccess;
import dev.muster.kernel.home.Settings;
import dev.muster.kernel.notice.Notices;
import dev.muster.kernel.store.Priority;
import dev.muster.kernel.store.Writer;
import dev.muster.kernel.tracing.Telemetry;
import dev.muster.kernel.tracing.otel.OtlpTelemetry;
import dev.muster.tracing.TracedGitHubCalls;
import dev.muster.tracing.TracedRepository;
import java.io.IOException;
import java.net.URI;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.stream.Stream;

/** Tracing, composed. */
final class TelemetryParts {
  private static final String NOTICE = "traces";
  private static final String UNNAMED = "local";

  private TelemetryParts() {}

  /** Whether somebody named a receiver, and did not switch it off. */
  static boolean wanted(Settings settings, Surroundings around) {
    Map<String, String> environment = around.environment();
    boolean named =
        settings.otlpEndpoint().isPresent()
            || Stream.of("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
                .anyMatch(name -> !environment.getOrDefault(name, "").isBlank());
    return named && !Boolean.parseBoolean(environment.getOrDefault("OTEL_SDK_DISABLED", ""));
  }

  /**
   * Loads the library; only where it is {@link #wanted}.
   *
   * @throws IOException when the variables cannot be followed
   */
  static Telemetry open(Settings settings, Surroundings around) throws IOException {
    OtlpTelemetry.Service service =
        new OtlpTelemetry.Service(
            around.version(), Optional.of(settings.region()).filter(r -> !r.equals(UNNAMED)));
    try {
      return OtlpTelemetry.open(
          settings.otlpEndpoint().map(URI::toString),
          around.environment(),
          service,
          around.clock());
    } catch (IllegalArgumentException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  /** Calls of GitHub, counted, and as spans where spans go anywhere. */
  static GitHubClient.Observer calls(
      GitHubClient.Observer counted,
      Settings settings,
      Surroundings around,
      Future<Telemetry> tracing) {
    return wanted(settings, around)
        ? new TracedGitHubCalls(counted, tracing, around.clock())
        : counted;
  }

  /** The way into AWS; its calls are spans where spans go anywhere. */
  static AwsAccess aws(Settings settings, Surroundings around, Future<Telemetry> tracing) {
    return wanted(settings, around) ? new AwsAccess(tracing, around.clock()) : new AwsAccess();
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
