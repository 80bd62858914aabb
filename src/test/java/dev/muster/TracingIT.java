package dev.muster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.kernel.notice.Notices;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Traces of one appliance, as a receiver gets them. */
@Timeout(60)
class TracingIT {
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

  @Test
  void whatStrangersSendMakesNoSpan() throws Exception {
    try (ApplianceFixture fixture = traced(Map.of())) {
      byte[] body = "{}".getBytes(StandardCharsets.UTF_8);
      HttpRequest forged =
          HttpRequest.newBuilder(fixture.url("/webhooks/github"))
              .header("X-GitHub-Event", "ping")
              .header("X-GitHub-Delivery", "forged")
              .header("X-Hub-Signature-256", "sha256=" + "0".repeat(64))
              .header("traceparent", "00-" + OUTSIDE + "-00f067aa0ba902b7-01")
              .POST(HttpRequest.BodyPublishers.ofByteArray(body))
              .build();
      assertThat(fixture.send(forged).statusCode()).isEqualTo(401);
      HttpRequest look =
          HttpRequest.newBuilder(fixture.admin("/api/v1/jobs?limit=1"))
              .header("traceparent", "00-" + OUTSIDE + "-00f067aa0ba902b7-01")
              .build();
      assertThat(fixture.send(look).statusCode()).isEqualTo(200);
      HttpRequest wrong = HttpRequest.newBuilder(fixture.admin("/api/v1/jobs?state=no")).build();
      assertThat(fixture.send(wrong).statusCode()).isEqualTo(400);
      List<Span> spans = receiver.await(came -> statuses(came).containsAll(Set.of("200", "400")));
      assertThat(spans).extracting(Span::getName).doesNotContain("POST /webhooks/github");
      assertThat(spans).extracting(OtlpReceiver::traceId).doesNotContain(OUTSIDE);
    }
  }

  /** A sender's flag neither makes us record what we would not, nor the reverse. */
  @Test
  void samplerDecidesWhateverTheSenderSays() throws Exception {
    try (ApplianceFixture fixture = traced(Map.of())) {
      assertThat(fixture.send(ping(fixture, "unsampled", "00")).statusCode()).isEqualTo(202);
      receiver.await(came -> named(came, "POST /webhooks/github").isPresent());
    }
    try (ApplianceFixture fixture =
        ApplianceFixture.startIn(
            Map.of(
                "OTEL_EXPORTER_OTLP_ENDPOINT",
                receiver.url().toString(),
                "OTEL_TRACES_SAMPLER",
                "parentbased_always_off",
                "OTEL_BSP_SCHEDULE_DELAY",
                "50"),
            folder.resolve("other"))) {
      fixture.configured();
      int before = receiver.spans().size();
      assertThat(fixture.send(ping(fixture, "sampled", "01")).statusCode()).isEqualTo(202);
      fixture.restart(); // sends what is left
      assertThat(receiver.spans()).hasSize(before);
    }
  }

  @Test
  void standardVariablesNameTheServiceAndSwitchItOff() throws Exception {
    Map<String, String> named =
        Map.of("OTEL_RESOURCE_ATTRIBUTES", "service.name=ci-fleet,deployment.environment=prod");
    try (ApplianceFixture fixture = traced(named)) {
      assertThat(fixture.send(ping(fixture, "named", "01")).statusCode()).isEqualTo(202);
      receiver.await(came -> named(came, "POST /webhooks/github").isPresent());
      assertThat(receiver.resource())
          .containsEntry("service.name", "ci-fleet")
          .containsEntry("deployment.environment", "prod");
    }
    Map<String, String> off =
        Map.of(
            "OTEL_EXPORTER_OTLP_ENDPOINT", receiver.url().toString(), "OTEL_SDK_DISABLED", "true");
    int before = receiver.requests();
    try (ApplianceFixture fixture = ApplianceFixture.startIn(off, folder.resolve("off"))) {
      fixture.configured();
      assertThat(fixture.send(ping(fixture, "off", "01")).statusCode()).isEqualTo(202);
    }
    assertThat(receiver.requests()).isEqualTo(before);
  }

  @ParameterizedTest
  @CsvSource({
    "OTEL_TRACES_SAMPLER, sometimes, sometimes",
    "OTEL_TRACES_EXPORTER, zipkin, zipkin",
    "OTEL_EXPORTER_OTLP_PROTOCOL, pigeon, pigeon",
    "OTEL_EXPORTER_OTLP_PROTOCOL, grpc, OTEL_",
    "OTEL_EXPORTER_OTLP_TIMEOUT, soon, soon"
  })
  void variablesThatCannotBeFollowedAreSaidAtTheStart(String name, String value, String said) {
    Map<String, String> wrong =
        Map.of("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.url().toString(), name, value);
    assertThatThrownBy(() -> ApplianceFixture.startIn(wrong, folder))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(said)
        .hasMessageContaining("OTEL_SDK_DISABLED");
  }

  /** Each way of a receiver to be of no use: it is said once, and nothing waits for it. */
  @ParameterizedTest
  @ValueSource(strings = {"refuses", "hangs", "413", "503"})
  void receiverThatIsOfNoUseIsSaidOnceAndHoldsUpNothing(String way) throws Exception {
    List<String> said = new CopyOnWriteArrayList<>();
    Handler log = heard(said);
    Logger.getLogger("").addHandler(log);
    try (ServerSocket hanging = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      String endpoint =
          switch (way) {
            case "hangs" -> "http://127.0.0.1:" + hanging.getLocalPort();
            case "refuses" -> "http://127.0.0.1:" + closedPort();
            default -> receiver.url().toString();
          };
      if (way.length() == 3) {
        receiver.answerWith(Integer.parseInt(way));
      }
      Map<String, String> environment =
          Map.of(
              "OTEL_EXPORTER_OTLP_ENDPOINT", endpoint,
              "OTEL_EXPORTER_OTLP_TIMEOUT", "300",
              "OTEL_BSP_EXPORT_TIMEOUT", "500",
              "OTEL_BSP_SCHEDULE_DELAY", "20",
              "OTEL_BSP_MAX_QUEUE_SIZE", "64",
              "OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "16");
      try (ApplianceFixture fixture = ApplianceFixture.startIn(environment, folder)) {
        fixture.configured();
        for (int i = 0; i < 200; i++) {
          assertThat(fixture.send(ping(fixture, way + i, "01")).statusCode()).isEqualTo(202);
        }
        String notice = awaitNotice(fixture);
        assertThat(notice)
            .contains("Traces do not arrive", "OTEL_EXPORTER_OTLP_ENDPOINT")
            .contains(
                switch (way) {
                  case "refuses" -> "ConnectException";
                  case "hangs" -> "timed out";
                  default -> "answered " + way;
                });
        for (int i = 200; i < 300; i++) {
          assertThat(fixture.send(ping(fixture, way + i, "01")).statusCode()).isEqualTo(202);
        }
      }
      assertThat(said).as("what the log has of it").hasSize(1);
    } finally {
      Logger.getLogger("").removeHandler(log);
    }
  }

  @Test
  void receiverThatIsBackIsSaidAndTheNoticeIsGone() throws Exception {
    receiver.answerWith(413);
    try (ApplianceFixture fixture = traced(Map.of())) {
      fixture.send(ping(fixture, "lost", "01"));
      awaitNotice(fixture);
      receiver.answerWith(200);
      fixture.send(ping(fixture, "arrives", "01"));
      receiver.await(came -> !came.isEmpty());
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
      while (notice(fixture).isPresent()) {
        assertThat(System.nanoTime()).as("the notice is settled").isLessThan(end);
        Thread.onSpinWait();
      }
    }
  }

  /** What is off costs nothing: no class, no thread. */
  @Test
  void applianceThatNamesNoReceiverLoadsNothingOfIt() throws Exception {
    Path loaded = folder.resolve("classes.log");
    Path home = folder.resolve("child");
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xlog:class+load:file=" + loaded,
            "-cp",
            System.getProperty("java.class.path"),
            "dev.muster.Main",
            "serve",
            "--home",
            home.toString(),
            "--listen",
            "127.0.0.1:0",
            "--admin",
            "127.0.0.1:0");
    builder.environment().keySet().removeIf(n -> n.startsWith("MUSTER_") || n.startsWith("OTEL_"));
    Process process = builder.redirectErrorStream(true).start();
    try (BufferedReader out = process.inputReader()) {
      for (String line = out.readLine(); ; line = out.readLine()) {
        assertThat(line).as("until it is up").isNotNull();
        if (line.contains("status page")) {
          break;
        }
      }
    } finally {
      process.destroy();
      assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
    }
    List<String> classes = Files.readAllLines(loaded);
    assertThat(classes).anyMatch(line -> line.contains(" dev.muster.Appliance "));
    assertThat(classes).noneMatch(line -> line.contains("io.opentelemetry"));
    assertThat(classes).noneMatch(line -> line.contains("kernel.tracing.otel"));
  }

  private static Set<String> statuses(List<Span> spans) {
    return spans.stream()
        .filter(span -> span.getName().equals("GET /api/v1/jobs"))
        .map(span -> OtlpReceiver.attributes(span).getOrDefault("http.response.status_code", ""))
        .collect(Collectors.toSet());
  }

  private static int closedPort() throws Exception {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  private static Handler heard(List<String> said) {
    return new Handler() {
      @Override
      public void publish(LogRecord event) {
        String name = String.valueOf(event.getLoggerName());
        boolean ours = name.startsWith("dev.muster.kernel.tracing");
        if ((ours && event.getLevel().intValue() >= Level.WARNING.intValue())
            || name.startsWith("io.opentelemetry")) {
          said.add(name + ": " + event.getMessage());
        }
      }

      @Override
      public void flush() {
        // nothing is held
      }

      @Override
      public void close() {
        // nothing is held
      }
    };
  }

  private static Optional<String> notice(ApplianceFixture fixture) {
    return fixture.appliance().database().read(Notices::all).stream()
        .filter(notice -> notice.id().equals("traces"))
        .map(Notices.Notice::message)
        .findFirst();
  }

  private static String awaitNotice(ApplianceFixture fixture) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    Optional<String> notice = notice(fixture);
    while (notice.isEmpty()) {
      assertThat(System.nanoTime()).as("the notice is raised").isLessThan(end);
      Thread.onSpinWait();
      notice = notice(fixture);
    }
    return notice.get();
  }

  private static Optional<Span> named(List<Span> spans, String name) {
    return spans.stream().filter(span -> span.getName().equals(name)).findFirst();
  }
}
