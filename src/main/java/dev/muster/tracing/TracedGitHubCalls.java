package dev.muster.tracing;

import dev.muster.fleet.github.GitHubClient;
import dev.muster.fleet.github.Operation;
import dev.muster.kernel.tracing.SpanBuilder;
import dev.muster.kernel.tracing.SpanKind;
import dev.muster.kernel.tracing.Telemetry;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** A span for each try of a call of GitHub, below whatever made it. */
public record TracedGitHubCalls(
    GitHubClient.Observer observer, Telemetry telemetry, InstantSource clock)
    implements GitHubClient.Observer {
  @Override
  public void called(Operation operation, String outcome, Duration took) {
    observer.called(operation, outcome, took);
    Instant now = clock.instant();
    SpanBuilder span =
        telemetry
            .span("GitHub " + operation.words())
            .kind(SpanKind.CLIENT)
            .since(now.minus(took))
            .set("muster.outcome", outcome);
    if (!outcome.equals("2xx")) {
      span.failed("answered " + outcome);
    }
    span.past(now);
  }

  @Override
  public void remaining(String budget, long requests) {
    observer.remaining(budget, requests);
  }
}
