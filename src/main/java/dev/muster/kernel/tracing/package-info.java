/**
 * One trace joins a webhook to the completion of its job: the W3C trace context rides in queue
 * items, agent assignments and outgoing calls as a {@link dev.muster.kernel.tracing.TraceContext}.
 */
@NullMarked
package dev.muster.kernel.tracing;

import org.jspecify.annotations.NullMarked;
