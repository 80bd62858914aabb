package dev.muster.sandbox;

import java.util.List;

/**
 * A job to queue.
 *
 * @param steps shell commands, executed one after another
 */
public record JobRequest(String name, List<String> labels, List<String> steps) {
  public JobRequest {
    labels = List.copyOf(labels);
    steps = List.copyOf(steps);
  }
}
