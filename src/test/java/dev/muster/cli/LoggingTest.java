package dev.muster.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.muster.kernel.tracing.CurrentTrace;
import dev.muster.kernel.tracing.TraceContext;
import java.io.IOException;
import java.time.Instant;
import java.util.Optional;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.Test;

class LoggingTest {
  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";

  @Test
  void lineOfJsonHoldsOneEventWithItsTrace() throws Exception {
    CurrentTrace.want();
    Optional<TraceContext> before =
        CurrentTrace.enter(TraceContext.parse("00-" + TRACE + "-00f067aa0ba902b7-01"));
    LogRecord event = new LogRecord(Level.WARNING, "two\nlines and a \"quote\" of {0}");
    event.setParameters(new Object[] {"GitHub"});
    event.setLoggerName("dev.muster.fleet.pool.PoolReconciler");
    event.setInstant(Instant.parse("2026-01-02T03:04:05.678901Z"));
    event.setThrown(new IOException("no route"));
    String line = new Logging.JsonLine().format(event);
    CurrentTrace.back(before);
    assertThat(line).hasLineCount(1).endsWith(System.lineSeparator());
    JsonNode json = new ObjectMapper().readTree(line);
    assertThat(json.path("timestamp").asText()).isEqualTo("2026-01-02T03:04:05.678Z");
    assertThat(json.path("level").asText()).isEqualTo("WARNING");
    assertThat(json.path("logger").asText()).isEqualTo("fleet.pool.PoolReconciler");
    assertThat(json.path("message").asText()).isEqualTo("two\nlines and a \"quote\" of GitHub");
    assertThat(json.path("trace_id").asText()).isEqualTo(TRACE);
    assertThat(json.path("span_id").asText()).isEqualTo("00f067aa0ba902b7");
    assertThat(json.path("exception").asText()).contains("no route", "LoggingTest");
  }

  @Test
  void lineOutsideOfAnyTraceHasNone() throws Exception {
    CurrentTrace.want();
    JsonNode json =
        new ObjectMapper().readTree(new Logging.JsonLine().format(new LogRecord(Level.INFO, "x")));
    assertThat(json.has("trace_id")).isFalse();
    assertThat(json.has("exception")).isFalse();
  }
}
