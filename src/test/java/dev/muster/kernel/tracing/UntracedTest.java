package dev.muster.kernel.tracing;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class UntracedTest {
  private static final int ROUNDS = 20_000;
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private static final Optional<TraceContext> PARENT =
      TraceContext.parse("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");

  @Test
  void allocatesNothing() {
    Instant began = Instant.EPOCH;
    rounds(began, ROUNDS); // until every class of it is there
    long before = THREADS.getCurrentThreadAllocatedBytes();
    rounds(began, ROUNDS);
    long bytes = THREADS.getCurrentThreadAllocatedBytes() - before;
    // What the measurement itself takes, which one object a round would exceed 200 times.
    assertThat(bytes).isLessThan(ROUNDS / 10);
  }

  private static void rounds(Instant began, int count) {
    for (int i = 0; i < count; i++) {
      try (Span span =
          Telemetry.OFF
              .span("request")
              .kind(SpanKind.SERVER)
              .underSender(PARENT)
              .link(PARENT)
              .since(began)
              .set("muster.key", "pool/default")
              .set("muster.failures", i)
              .start()) {
        span.set("muster.outcome", "done").event("tried").failed("why");
        Telemetry.OFF.span("part").under(span.context()).past(began);
      }
    }
  }
}
