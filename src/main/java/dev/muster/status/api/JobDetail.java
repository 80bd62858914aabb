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
 */
public record JobDetail(
    @JsonUnwrapped JobView job, @Nullable BigDecimal costUsd, List<String> explanation) {
  public JobDetail {
    explanation = List.copyOf(explanation);
  }
}
