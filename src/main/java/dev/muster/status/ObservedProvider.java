package dev.muster.status;

import dev.muster.fleet.compute.ComputeProvider;
import dev.muster.fleet.compute.HourlyPrice;
import dev.muster.fleet.compute.LaunchRequest;
import dev.muster.fleet.compute.LaunchResult;
import dev.muster.fleet.compute.Listing;
import dev.muster.fleet.compute.Offer;
import dev.muster.fleet.spec.Os;
import dev.muster.fleet.spec.PoolSpec;
import dev.muster.fleet.spec.RunnerSpec;
import dev.muster.kernel.notice.Finding;
import dev.muster.kernel.tracing.Span;
import dev.muster.kernel.tracing.SpanKind;
import dev.muster.kernel.tracing.Telemetry;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A provider whose calls are counted, and are spans where spans go anywhere. */
public final class ObservedProvider implements ComputeProvider {
  private final ComputeProvider provider;
  private final Metrics metrics;
  private final Telemetry telemetry;

  public ObservedProvider(ComputeProvider provider, Metrics metrics, Telemetry telemetry) {
    this.provider = provider;
    this.metrics = metrics;
    this.telemetry = telemetry;
  }

  private interface Call<T> {
    T make() throws InterruptedException;
  }

  @Override
  public String name() {
    return provider.name();
  }

  @Override
  public boolean stoppable() {
    return provider.stoppable();
  }

  @Override
  public LaunchResult launch(LaunchRequest request, String secret) throws InterruptedException {
    return observed("launch", () -> provider.launch(request, secret));
  }

  @Override
  public List<String> command(RunnerSpec spec) {
    return provider.command(spec);
  }

  @Override
  public Map<String, String> start(String region, Collection<String> instances)
      throws InterruptedException {
    return observed("start", () -> provider.start(region, instances));
  }

  @Override
  public void stop(String region, Collection<String> instances) throws InterruptedException {
    observed(
        "stop",
        () -> {
          provider.stop(region, instances);
          return true;
        });
  }

  @Override
  public void terminate(String region, Collection<String> instances) throws InterruptedException {
    observed(
        "terminate",
        () -> {
          provider.terminate(region, instances);
          return true;
        });
  }

  @Override
  public Listing list(String region) throws InterruptedException {
    return observed("list", () -> provider.list(region));
  }

  @Override
  public List<String> explain(String region, RunnerSpec spec) {
    return provider.explain(region, spec);
  }

  @Override
  public List<Finding> examine(List<PoolSpec> pools) throws InterruptedException {
    return provider.examine(pools);
  }

  @Override
  public Optional<HourlyPrice> price(String region, Offer offer, Os os)
      throws InterruptedException {
    return provider.price(region, offer, os);
  }

  @Override
  public Optional<HourlyPrice> price(String region, RunnerSpec spec) {
    return provider.price(region, spec);
  }

  private <T> T observed(String operation, Call<T> call) throws InterruptedException {
    String outcome = "failed";
    try (Span span = span(operation)) {
      T result = made(call, span);
      outcome = outcome(result);
      span.set("muster.outcome", outcome);
      return result;
    } finally {
      metrics.providerCalled(provider.name(), operation, outcome);
    }
  }

  private Span span(String operation) {
    return telemetry.on()
        ? telemetry
            .span("provider " + operation)
            .kind(SpanKind.CLIENT)
            .set("muster.provider", provider.name())
            .start()
        : Span.NONE;
  }

  private static <T> T made(Call<T> call, Span span) throws InterruptedException {
    try {
      return call.make();
    } catch (RuntimeException e) {
      span.failed(String.valueOf(e.getMessage()));
      throw e;
    }
  }

  private static String outcome(Object result) {
    return switch (result) {
      case LaunchResult.NoCapacity none -> "no_capacity";
      case LaunchResult.Refused refused -> "refused";
      default -> "done";
    };
  }
}
