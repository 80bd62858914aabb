package dev.muster.webhook;

import dev.muster.kernel.http.HttpProblem;
import dev.muster.kernel.tracing.Span;
import dev.muster.kernel.tracing.SpanKind;
import dev.muster.kernel.tracing.Telemetry;
import dev.muster.kernel.tracing.TraceContext;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Function;

/** The door for what comes through a queue: the same checks, the same record. */
public final class QueuedDeliveries {
  private final WebhookDoor door;

  public QueuedDeliveries(WebhookDoor door) {
    this.door = door;
  }

  /** What became of a message. */
  public sealed interface Outcome {
    /** It is on disk, now or since before. */
    record Recorded() implements Outcome {}

    /** It cannot be recorded now; it may be tried again. */
    record NotNow(String reason) implements Outcome {}

    /** It never will be: forged, or not what a sender sends. */
    record Refused(String reason) implements Outcome {}
  }

  /**
   * Takes a message.
   *
   * @param source as {@code github}
   * @param queue its name, for the trace
   * @param headers a header's value by its lower-case name
   */
  public Outcome take(
      String source, String queue, Function<String, Optional<String>> headers, byte[] body) {
    try {
      door.receive(door.source(source), new FromQueue(queue), headers, () -> body);
      return new Outcome.Recorded();
    } catch (HttpProblem e) {
      String reason = e.body().message();
      return e.body().status() >= 500 ? new Outcome.NotNow(reason) : new Outcome.Refused(reason);
    }
  }

  private record FromQueue(String queue) implements WebhookDoor.Way {
    @Override
    public Span begin(Telemetry telemetry, Optional<TraceContext> senders, Instant began) {
      return telemetry
          .span("process " + queue)
          .kind(SpanKind.CONSUMER)
          .underSender(senders)
          .since(began)
          .set("messaging.system", "aws_sqs")
          .set("messaging.destination.name", queue)
          .start();
    }
  }
}
