package dev.muster.kernel.tracing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TraceContextTest {
  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
  private static final Optional<TraceContext> JOB =
      TraceContext.parse("00-" + TRACE + "-00f067aa0ba902b7-01");

  @Test
  void hasItsParts() {
    TraceContext context = JOB.orElseThrow();
    assertThat(context.traceId()).isEqualTo(TRACE);
    assertThat(context.spanId()).isEqualTo("00f067aa0ba902b7");
    assertThat(context.flags()).isEqualTo("01");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
        "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more"
      })
  void isNothingElse(String header) {
    assertThat(TraceContext.parse(header)).isEmpty();
  }

  @Test
  void staysInItsOwnTraceAndNearTheCause() {
    Optional<TraceContext> near = TraceContext.parse("00-" + TRACE + "-1111111111111111-01");
    Optional<TraceContext> other =
        TraceContext.parse("00-0af7651916cd43dd8448eb211c80319c-2222222222222222-01");
    assertThat(TraceContext.within(JOB, near)).isEqualTo(near);
    assertThat(TraceContext.within(JOB, other)).isEqualTo(JOB);
    assertThat(TraceContext.within(JOB, Optional.empty())).isEqualTo(JOB);
    assertThat(TraceContext.within(Optional.empty(), other)).isEqualTo(other);
  }
}
