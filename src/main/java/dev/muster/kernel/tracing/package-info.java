/**
 * One trace joins a webhook to the completion of its job: the W3C trace context rides in
 * deliveries, queue items, jobs and agent assignments as a {@link
 * dev.muster.kernel.tracing.TraceContext}. {@link dev.muster.kernel.tracing.Telemetry} makes the
 * spans of it; where nobody named a receiver it is {@link dev.muster.kernel.tracing.Telemetry#OFF},
 * and no class of {@code kernel.tracing.otel} is loaded.
 */
@NullMarked
package dev.muster.kernel.tracing;

import org.jspecify.annotations.NullMarked;
