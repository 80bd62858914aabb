package dev.muster.kernel.tracing.otel;

import io.opentelemetry.exporter.internal.FailedExportException;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.io.IOException;
import java.util.Collection;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * An exporter that does not speak for itself: {@link Arrival} says once what it would say often.
 */
final class WatchedExporter implements SpanExporter {
  /** Held, as the log manager forgets what nobody holds, and its level with it. */
  private static final Logger EXPORTERS = Logger.getLogger("io.opentelemetry.exporter");

  private static final Logger BATCHES = Logger.getLogger("io.opentelemetry.sdk.trace.export");

  private final SpanExporter exporter;
  private final Arrival arrival;

  WatchedExporter(SpanExporter exporter, Arrival arrival) {
    this.exporter = exporter;
    this.arrival = arrival;
    EXPORTERS.setLevel(Level.OFF);
    BATCHES.setLevel(Level.OFF);
  }

  @Override
  public CompletableResultCode export(Collection<SpanData> spans) {
    CompletableResultCode result = exporter.export(spans);
    return result.whenComplete(() -> {
      if (result.isSuccess()) {
        arrival.arrived();
      } else {
        arrival.failed(reason(result.getFailureThrowable()));
      }
    });
  }

  /** The SDK has no public type for what a receiver answered. */
  private static String reason(@Nullable Throwable failure) {
    if (failure instanceof FailedExportException.HttpExportException answered
        && answered.getResponse() != null) {
      return "the receiver answered " + answered.getResponse().getStatusCode();
    }
    if (failure == null) {
      return "the receiver does not take them";
    }
    Throwable cause = failure;
    while (cause.getCause() != null && !(cause instanceof IOException)) {
      cause = cause.getCause(); // what it is wrapped in says less
    }
    String message = cause.getMessage();
    String name = cause.getClass().getSimpleName();
    return message == null ? name : name + ": " + message;
  }

  @Override
  public CompletableResultCode flush() {
    return exporter.flush();
  }

  @Override
  public CompletableResultCode shutdown() {
    return exporter.shutdown();
  }
}
