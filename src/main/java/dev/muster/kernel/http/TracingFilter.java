package dev.muster.kernel.http;

import dev.muster.kernel.tracing.Span;
import dev.muster.kernel.tracing.SpanKind;
import dev.muster.kernel.tracing.Telemetry;
import io.helidon.webserver.http.Filter;
import io.helidon.webserver.http.FilterChain;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;
import java.util.List;
import java.util.Optional;

/**
 * A span for each request, named by its route. Each begins a trace: whoever asks is not known yet,
 * and a stranger's header must not join a trace of ours. Webhooks make their own span once their
 * signature held.
 */
public final class TracingFilter implements Filter {
  /** Asked all the time and of no interest, or open for hours. */
  private static final List<String> UNTRACED =
      List.of("/webhooks/", "/healthz", "/readyz", "/metrics", "/assets/", "/api/v1/events");

  private final Telemetry telemetry;

  private TracingFilter(Telemetry telemetry) {
    this.telemetry = telemetry;
  }

  /** Adds it to a listener's routing where spans go anywhere. */
  public static void addTo(HttpRouting.Builder routing, Telemetry telemetry) {
    if (telemetry.on()) {
      routing.addFilter(new TracingFilter(telemetry));
    }
  }

  @Override
  public void filter(FilterChain chain, RoutingRequest request, RoutingResponse response) {
    String path = request.path().path();
    if (UNTRACED.stream().anyMatch(path::startsWith)) {
      chain.proceed();
      return;
    }
    String method = request.prologue().method().text();
    try (Span span =
        telemetry
            .span(method)
            .kind(SpanKind.SERVER)
            .under(Optional.empty())
            .set("http.request.method", method)
            .start()) {
      chain.proceed();
      request
          .matchingPattern()
          .ifPresent(route -> {
            span.named(method + " " + route);
            span.set("http.route", route);
          });
      int status = response.status().code();
      span.set("http.response.status_code", status);
      if (status >= 500) {
        span.failed("answered " + status);
      }
    }
  }
}
