package dev.muster.status.api;

import dev.muster.kernel.tracing.TraceContext;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where traces are looked at.
 *
 * @param template an address with {@code {trace_id}}; empty where none is named
 */
public record TraceLinks(Optional<String> template) {
  @Nullable String to(Optional<TraceContext> trace) {
    return template
        .flatMap(url -> trace.map(t -> url.replace("{trace_id}", t.traceId())))
        .orElse(null);
  }
}
