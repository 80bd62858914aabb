/**
 * Spans by the OpenTelemetry SDK, sent by OTLP over HTTP. The only place that knows it; loaded only
 * where the settings or the standard {@code OTEL_*} variables name a receiver.
 */
@NullMarked
package dev.muster.kernel.tracing.otel;

import org.jspecify.annotations.NullMarked;
