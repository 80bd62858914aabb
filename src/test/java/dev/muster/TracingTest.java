package dev.muster;

import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.proto.trace.v1.Span;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Traces of one appliance, as a receiver gets them. */
@Timeout(60)
class TracingTest {
  private static final String OUTSIDE = "4bf92f3577b34da6a3ce929d0e0e4736";

  @TempDir private Path folder;
  private OtlpReceiver receiver;

  @BeforeEach
  void receive() throws Exception {
    receiver = OtlpReceiver.start();
  }

  @AfterEach
  void end() {
    receiver.close();
  }

  private ApplianceFixture traced(Map<String, String> more) throws Exception {
    Map<String, String> environment = new java.util.HashMap<>(more);
    environment.put("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.url().toString());
    environment.putIfAbsent("OTEL_BSP_SCHEDULE_DELAY", "50");
    return ApplianceFixture.startIn(environment, folder).configured();
  }

  private static HttpRequest ping(ApplianceFixture fixture, String id, String flags) {
    return fixture
        .delivery(id, "ping", ("{\"zen\":\"" + id + "\"}").getBytes(StandardCharsets.UTF_8))
        .header("traceparent", "00-" + OUTSIDE + "-00f067aa0ba902b7-" + flags)
        .build();
  }

  @Test
  void webhookIsVerifiedAndCommittedInTheTraceOfItsSender() throws Exception {
    try (ApplianceFixture fixture = traced(Map.of())) {
      assertThat(fixture.send(ping(fixture, "one", "01")).statusCode()).isEqualTo(202);
      List<Span> spans = receiver.await(came -> named(came, "POST /webhooks/github").isPresent());
      Span request = named(spans, "POST /webhooks/github").orElseThrow();
      assertThat(OtlpReceiver.traceId(request)).isEqualTo(OUTSIDE);
      assertThat(OtlpReceiver.parentId(request)).isEqualTo("00f067aa0ba902b7");
      assertThat(OtlpReceiver.attributes(request))
          .containsEntry("http.response.status_code", "202")
          .containsEntry("muster.outcome", "recorded");
      for (String part : List.of("verify", "commit")) {
        Span span = named(spans, part).orElseThrow();
        assertThat(OtlpReceiver.parentId(span)).isEqualTo(OtlpReceiver.spanId(request));
        assertThat(span.getStartTimeUnixNano())
            .isBetween(request.getStartTimeUnixNano(), request.getEndTimeUnixNano());
      }
      assertThat(receiver.resource())
          .containsEntry("service.name", "muster")
          .containsEntry("service.version", "test");
    }
  }

  private static Optional<Span> named(List<Span> spans, String name) {
    return spans.stream().filter(span -> span.getName().equals(name)).findFirst();
  }
}
