package dev.muster.fleet.compute.ec2;

import dev.muster.kernel.tracing.SpanBuilder;
import dev.muster.kernel.tracing.SpanKind;
import dev.muster.kernel.tracing.Telemetry;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttribute;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.core.interceptor.SdkExecutionAttribute;

/** A span for each call of AWS, with the number of tries that the SDK made of it. */
final class TracedCalls implements ExecutionInterceptor {
  private static final ExecutionAttribute<Instant> BEGAN = new ExecutionAttribute<>("muster-began");
  private static final ExecutionAttribute<Integer> TRIES = new ExecutionAttribute<>("muster-tries");

  private final Telemetry telemetry;
  private final InstantSource clock;

  TracedCalls(Telemetry telemetry, InstantSource clock) {
    this.telemetry = telemetry;
    this.clock = clock;
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
    span(attributes).past(clock.instant());
  }

  @Override
  public void onExecutionFailure(Context.FailedExecution context, ExecutionAttributes attributes) {
    span(attributes).failed(context.exception().getClass().getSimpleName()).past(clock.instant());
  }

  private SpanBuilder span(ExecutionAttributes attributes) {
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
