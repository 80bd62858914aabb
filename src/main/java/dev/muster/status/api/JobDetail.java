package dev.muster.status.api;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.util.List;

/**
 * A job and why it is where it is.
 *
 * @param explanation sentences, the most telling first
 */
public record JobDetail(@JsonUnwrapped JobView job, List<String> explanation) {
  public JobDetail {
    explanation = List.copyOf(explanation);
  }
}
