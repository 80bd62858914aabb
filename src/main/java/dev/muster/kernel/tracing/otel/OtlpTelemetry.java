package dev.muster.kernel.tracing.otel;

import dev.muster.kernel.tracing.SpanBuilder;
import dev.muster.kernel.tracing.Telemetry;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdk;
import io.opentelemetry.sdk.autoconfigure.spi.ConfigurationException;
import io.opentelemetry.sdk.resources.Resource;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Spans by the OpenTelemetry SDK, as the standard variables configure it. */
public final class OtlpTelemetry implements Telemetry {
  private static final AttributeKey<String> SERVICE_NAME = AttributeKey.stringKey("service.name");
  private static final String UNNAMED = "unknown_service";
  private static final long CLOSING_SECONDS = 2;

  /** What is so unless a variable says otherwise: spans alone, in the one form that we can send. */
  private static final Map<String, String> DEFAULTS =
      Map.of(
          "otel.traces.exporter", "otlp",
          "otel.metrics.exporter", "none",
          "otel.logs.exporter", "none",
          "otel.propagators", "none",
          "otel.exporter.otlp.protocol", "http/protobuf");

  private final OpenTelemetrySdk sdk;
  private final Tracer tracer;
  private final Arrival arrival;

  private OtlpTelemetry(OpenTelemetrySdk sdk, String version, Arrival arrival) {
    this.sdk = sdk;
    this.tracer = sdk.getTracer("dev.muster", version);
    this.arrival = arrival;
  }

  /**
   * Who speaks.
   *
   * @param region as the settings name it; empty where none is named
   */
  public record Service(String version, Optional<String> region) {}

  /**
   * Begins to send, in threads of the SDK's own.
   *
   * @param endpoint where to, unless a variable names it; the part before {@code /v1/traces}
   * @param environment all variables of the process
   * @throws IllegalArgumentException when the variables cannot be followed
   */
  public static OtlpTelemetry open(
      Optional<String> endpoint,
      Map<String, String> environment,
      Service service,
      InstantSource clock) {
    Map<String, String> named = new HashMap<>(DEFAULTS);
    endpoint.ifPresent(url -> named.put("otel.exporter.otlp.endpoint", url));
    named.putAll(properties(environment));
    Arrival arrival = new Arrival();
    try {
      OpenTelemetrySdk sdk =
          AutoConfiguredOpenTelemetrySdk.builder()
              .disableShutdownHook()
              .addPropertiesCustomizer(config -> named)
              .addResourceCustomizer((resource, config) -> resource(service, resource))
              .addSamplerCustomizer((sampler, config) -> new OwnDecision(sampler))
              .addTracerProviderCustomizer(
                  (provider, config) -> provider.setClock(new AppliancesClock(clock)))
              .addSpanExporterCustomizer(
                  (exporter, config) -> new WatchedExporter(exporter, arrival))
              .build()
              .getOpenTelemetrySdk();
      return new OtlpTelemetry(sdk, service.version(), arrival);
    } catch (ConfigurationException | IllegalArgumentException | IllegalStateException e) {
      throw new IllegalArgumentException(
          "Tracing cannot be set up as the OTEL_* variables say: %s; correct them, or set OTEL_SDK_DISABLED=true"
              .formatted(causes(e)),
          e);
    }
  }

  /** Now the outer one tells more, now the inner one. */
  private static String causes(Throwable failure) {
    return Stream.iterate(failure, Objects::nonNull, Throwable::getCause)
        .map(cause -> String.valueOf(cause.getMessage()))
        .distinct()
        .collect(Collectors.joining(": "));
  }

  /** As the SDK itself names them: {@code OTEL_SERVICE_NAME} is {@code otel.service.name}. */
  private static Map<String, String> properties(Map<String, String> environment) {
    Map<String, String> properties = new HashMap<>();
    environment.forEach((name, value) -> {
      if (name.startsWith("OTEL_") && !value.isBlank()) {
        properties.put(name.toLowerCase(Locale.ROOT).replace('_', '.'), value);
      }
    });
    return properties;
  }

  /** What the variables say of the resource goes before what we know. */
  private static Resource resource(Service service, Resource said) {
    var ours = Attributes.builder();
    ours.put("service.version", service.version());
    service.region().ifPresent(region -> ours.put("cloud.region", region));
    Resource all = Resource.create(ours.build()).merge(said);
    String name = said.getAttribute(SERVICE_NAME);
    return name == null || name.startsWith(UNNAMED)
        ? all.merge(Resource.create(Attributes.of(SERVICE_NAME, "muster")))
        : all;
  }

  @Override
  public boolean on() {
    return true;
  }

  @Override
  public boolean inSpan() {
    return Span.current().getSpanContext().isValid();
  }

  @Override
  public SpanBuilder span(String name) {
    return new OtlpSpanBuilder(tracer.spanBuilder(name));
  }

  @Override
  public void onTrouble(Consumer<Optional<String>> listener) {
    arrival.onTrouble(listener);
  }

  @Override
  public void close() {
    sdk.getSdkTracerProvider().shutdown().join(CLOSING_SECONDS, TimeUnit.SECONDS);
  }
}
