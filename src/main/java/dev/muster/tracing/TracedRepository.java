package dev.muster.tracing;

import dev.muster.config.ConfigRepository;
import dev.muster.kernel.tracing.Span;
import dev.muster.kernel.tracing.SpanKind;
import dev.muster.kernel.tracing.Telemetry;
import java.util.Optional;
import java.util.function.Supplier;

/** What is asked of the config's repository, as spans. */
public record TracedRepository(ConfigRepository repository, Telemetry telemetry)
    implements ConfigRepository {
  @Override
  public String source() {
    return repository.source();
  }

  @Override
  public boolean remote() {
    return repository.remote();
  }

  @Override
  public Optional<String> head() {
    return traced("config head", repository::head);
  }

  @Override
  public Commit read(String id) {
    return traced("config pull", () -> repository.read(id));
  }

  private <T> T traced(String name, Supplier<T> call) {
    try (Span span =
        telemetry
            .span(name)
            .kind(remote() ? SpanKind.CLIENT : SpanKind.INTERNAL)
            .set("muster.source", source())
            .start()) {
      try {
        return call.get();
      } catch (RuntimeException e) {
        span.failed(String.valueOf(e.getMessage()));
        throw e;
      }
    }
  }

  @Override
  public void close() {
    repository.close();
  }
}
