package dev.muster.kernel.aws;

import dev.muster.kernel.tracing.SpanBuilder;
import dev.muster.kernel.tracing.SpanKind;
import dev.muster.kernel.tracing.Telemetry;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.Future;
import software.amazon.awssdk.core.SdkResponse;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttribute;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.core.interceptor.SdkExecutionAttribute;
import software.amazon.awssdk.services.sqs.model.ReceiveMessageResponse;

/**
 * A span for each call of AWS, with the number of tries that the SDK made of it. None before the
 * appliance has its telemetry; none for a look that found nothing, of which an idle appliance makes
 * one after the other.
 */
final class TracedCalls implements ExecutionInterceptor {
  private static final ExecutionAttribute<Instant> BEGAN = new ExecutionAttribute<>("muster-began");
  private static final ExecutionAttribute<Integer> TRIES = new ExecutionAttribute<>("muster-tries");

  private final Future<Telemetry> opening;
  private final InstantSource clock;
  private final boolean looking;

  /**
   * @param looking of a client that loops ask many times a minute: its calls are spans below what
   *     they are made for, and begin no trace
   */
  TracedCalls(Future<Telemetry> opening, InstantSource clock, boolean looking) {
    this.opening = opening;
    this.clock = clock;
    this.looking = looking;
  }

  @Override
  public void beforeExecution(Context.BeforeExecution context, ExecutionAttributes attributes) {
    attributes.putAttribute(BEGAN, clock.instant());
  }

  @Override
  public void beforeTransmission(
      Context.BeforeTransmission context, ExecutionAttributes attributes) {
    attributes.putAttribute(TRIES, tries(attributes) + 1);
  }

  @Override
  public void afterExecution(Context.AfterExecution context, ExecutionAttributes attributes) {
    Telemetry telemetry = telemetry();
    if (telemetry.inSpan() || !(looking || foundNothing(context.response()))) {
      span(telemetry, attributes).past(clock.instant());
    }
  }

  @Override
  public void onExecutionFailure(Context.FailedExecution context, ExecutionAttributes attributes) {
    Telemetry telemetry = telemetry();
    if (telemetry.inSpan() || !looking) {
      span(telemetry, attributes)
          .failed(context.exception().getClass().getSimpleName())
          .past(clock.instant());
    }
  }

  private Telemetry telemetry() {
    return opening.state() == Future.State.SUCCESS ? opening.resultNow() : Telemetry.OFF;
  }

  /** A queue that held an answer back for its 20 s and had no message then. */
  private static boolean foundNothing(SdkResponse response) {
    return response instanceof ReceiveMessageResponse received && received.messages().isEmpty();
  }

  private SpanBuilder span(Telemetry telemetry, ExecutionAttributes attributes) {
    String service = String.valueOf(attributes.getAttribute(SdkExecutionAttribute.SERVICE_NAME));
    String operation =
        String.valueOf(attributes.getAttribute(SdkExecutionAttribute.OPERATION_NAME));
    return telemetry
        .span(service + " " + operation)
        .kind(SpanKind.CLIENT)
        .since(Optional.ofNullable(attributes.getAttribute(BEGAN)).orElseGet(clock::instant))
        .set("rpc.system", "aws-api")
        .set("rpc.service", service)
        .set("rpc.method", operation)
        .set("muster.tries", tries(attributes));
  }

  private static int tries(ExecutionAttributes attributes) {
    Integer before = attributes.getAttribute(TRIES);
    return before == null ? 0 : before;
  }
}
