package dev.muster.status.api;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.math.BigDecimal;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A job and why it is where it is.
 *
 * @param costUsd of its machine, from its assignment on; null while nothing is accounted for
 * @param explanation sentences, the most telling first
 * @param phases where its time went, in the order of their beginnings
 * @param traceId the trace that leads from its first webhook to its end, in hex; null where none
 *     was begun
 * @param traceUrl where that trace is looked at; null where the settings name no such place
 */
public record JobDetail(
    @JsonUnwrapped JobView job,
    @Nullable BigDecimal costUsd,
    List<String> explanation,
    List<PhaseView> phases,
    @Nullable String traceId,
    @Nullable String traceUrl) {
  public JobDetail {
    explanation = List.copyOf(explanation);
    phases = List.copyOf(phases);
  }
}
