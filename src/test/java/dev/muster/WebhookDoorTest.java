package dev.muster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.kernel.http.Signature;
import dev.muster.webhook.DeliveryStore;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The door over real HTTP, on one running appliance. */
@Timeout(60)
class WebhookDoorTest {
  private static final int LIMIT = 26_214_400;

  @TempDir private static Path folder;
  private static ApplianceFixture fixture;

  @BeforeAll
  static void start() throws Exception {
    fixture = ApplianceFixture.start(folder, Map.of()).configured();
  }

  @AfterAll
  static void stop() {
    fixture.close();
  }

  @ParameterizedTest
  @CsvSource({
    "workflow_job, workflow_job.queued",
    "workflow_job, workflow_job.waiting",
    "workflow_job, workflow_job.in_progress",
    "workflow_job, workflow_job.completed",
    "workflow_run, workflow_run.completed",
    "push, push",
    "ping, ping",
    "installation, installation.created"
  })
  void recordsGitHubsOwnPayloadsByteForByte(String event, String file) throws Exception {
    byte[] body = resource(file);
    HttpResponse<String> answer = post(fixture.delivery("own-" + file, event, body));
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
    DeliveryStore.Summary settled = settled("own-" + file);
    assertThat(settled.size()).isEqualTo(body.length);
    assertThat(settled.state()).isIn("done", "ignored");
  }

  @Test
  void recordsUnderTheOlderOfTwoLiveSecrets() throws Exception {
    byte[] body = json("older");
    assertThat(
            post(signed("older", body, Signature.hex(ApplianceFixture.OLDER, body))).statusCode())
        .isEqualTo(202);
  }

  @Test
  void refusesWhatIsNotSignedByALiveSecretAndRecordsNothingOfIt() throws Exception {
    byte[] body = json("forged");
    String good = Signature.hex(ApplianceFixture.SECRET, body);
    refused(401, "bad_signature", signed("forged", body, Signature.hex("retired", body)));
    refused(401, "bad_signature", signed("forged", body, good.substring(0, 63)));
    refused(401, "bad_signature", signed("forged", body, ""));
    refused(401, "bad_signature", signed("forged", json("other"), good));
    refused(
        401,
        "bad_signature",
        HttpRequest.newBuilder(fixture.url("/webhooks/github"))
            .header("X-GitHub-Event", "ping")
            .header("X-GitHub-Delivery", "forged")
            .POST(HttpRequest.BodyPublishers.ofByteArray(body)));
    assertThat(find("forged")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{", "not json", "{\"a\":}", "{} {}", "{\"a\":1,}", "\u0000"})
  void refusesSignedBodiesThatAreNotJson(String body) throws Exception {
    refused(
        400,
        "unreadable",
        fixture.delivery("not-json", "workflow_job", body.getBytes(StandardCharsets.UTF_8)));
    assertThat(find("not-json")).isEmpty();
  }

  @Test
  void readsSixtyFourLevelsAndNotOneMore() throws Exception {
    assertThat(post(fixture.delivery("deep-64", "ping", nested(64))).statusCode()).isEqualTo(202);
    refused(400, "unreadable", fixture.delivery("deep-65", "ping", nested(65)));
    refused(400, "unreadable", fixture.delivery("deep-9", "ping", nested(100_000)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "workflow_job | 1",
        "workflow_job | []",
        "workflow_job | {\"action\": 7}",
        "workflow_job | {\"action\": \"dance\", \"workflow_job\": {}}",
        "workflow_job | {\"action\": \"queued\"}",
        "workflow_job | {\"action\": \"queued\", \"workflow_job\": \"x\"}",
        "workflow_job | {\"action\": \"queued\", \"workflow_job\": {\"id\": \"x\"}}",
        "workflow_job | {\"action\": \"queued\", \"workflow_job\": {\"id\": 1e400}}",
        "push | {\"ref\": {}}",
        "team_add | {}"
      })
  void recordsWrongTypesAndUnknownActionsAsIgnoredWithTheReason(String event, String body)
      throws Exception {
    String id = "odd-" + Integer.toHexString(body.hashCode());
    HttpResponse<String> answer =
        post(fixture.delivery(id, event, body.getBytes(StandardCharsets.UTF_8)));
    assertThat(answer.statusCode()).isEqualTo(202);
    DeliveryStore.Summary settled = settled(id);
    assertThat(settled.state()).isEqualTo("ignored");
    assertThat(settled.outcome()).isNotBlank().doesNotContain("a bug");
  }

  @Test
  void refusesFormsAndMissingHeadersOnceTheSignatureHeld() throws Exception {
    byte[] body = json("headers");
    refused(
        415,
        "form_encoding",
        fixture
            .delivery("form", "ping", body)
            .setHeader("Content-Type", "application/x-www-form-urlencoded"));
    String signature = "sha256=" + Signature.hex(ApplianceFixture.SECRET, body);
    for (String only : List.of("X-GitHub-Event", "X-GitHub-Delivery")) {
      refused(
          400,
          "malformed",
          HttpRequest.newBuilder(fixture.url("/webhooks/github"))
              .header(only, "ping")
              .header("X-Hub-Signature-256", signature)
              .POST(HttpRequest.BodyPublishers.ofByteArray(body)));
    }
    refused(400, "malformed", fixture.delivery("x".repeat(101), "ping", body));
    refused(400, "malformed", fixture.delivery("a b", "ping", body));
  }

  @Test
  void sameBodyUnderAnotherIdIsADuplicateAndAnotherBodyUnderTheSameIdIsNot() throws Exception {
    byte[] body = json("twice");
    assertThat(post(fixture.delivery("twice-1", "ping", body)).body()).doesNotContain("duplicate");
    assertThat(post(fixture.delivery("twice-1", "ping", body)).body()).contains("duplicate");
    HttpResponse<String> again = post(fixture.delivery("twice-2", "ping", body));
    assertThat(again.statusCode()).isEqualTo(202);
    assertThat(again.body()).contains("duplicate");
    assertThat(find("twice-2")).isEmpty();
    assertThat(post(fixture.delivery("twice-1", "ping", json("changed"))).body())
        .doesNotContain("duplicate");
    assertThat(find("twice-1")).hasSize(2);
  }

  @Test
  void unknownSourceAndOtherMethodsAreNotFound() throws Exception {
    refused(
        404,
        "unknown_source",
        HttpRequest.newBuilder(fixture.url("/webhooks/nosuch"))
            .POST(HttpRequest.BodyPublishers.ofString("{}")));
    assertThat(post(HttpRequest.newBuilder(fixture.url("/webhooks/github")).GET()).statusCode())
        .isIn(404, 405);
  }

  @Test
  void takesTheLargestBodyThatGitHubSendsAndNotOneByteMore() throws Exception {
    byte[] largest = padded(LIMIT);
    assertThat(post(fixture.delivery("largest", "ping", largest)).statusCode()).isEqualTo(202);
    assertThat(settled("largest").size()).isEqualTo(LIMIT);
    byte[] larger = padded(LIMIT + 1);
    assertThat(rawStatus(larger, false)).as("with Content-Length").isEqualTo(413);
    assertThat(rawStatus(larger, true)).as("chunked").isEqualTo(413);
    assertThat(find("raw")).isEmpty();
  }

  @Test
  void takesAChunkedBody() throws Exception {
    byte[] body = padded(3_000_000);
    assertThat(rawStatus(body, true)).isEqualTo(202);
    assertThat(settled("raw").size()).isEqualTo(3_000_000);
  }

  @ParameterizedTest
  @ValueSource(strings = {"zz\r\n", "-1\r\n", "5\r\nabcdefgh\r\n", "ffffffffff\r\n", ";\r\n"})
  void refusesChunksThatMakeNoSense(String chunks) throws Exception {
    try (Socket socket = connect()) {
      socket.setSoTimeout(20_000);
      socket
          .getOutputStream()
          .write(
              ("POST /webhooks/github HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                      + chunks)
                  .getBytes(StandardCharsets.US_ASCII));
      assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
          .startsWith("HTTP/1.1 400 ");
    }
  }

  @Test
  void dropsAClientThatSendsAByteNowAndThenAndServesTheOthersMeanwhile() throws Exception {
    try (Socket slow = connect()) {
      slow.setSoTimeout(20_000);
      OutputStream out = slow.getOutputStream();
      out.write(
          "POST /webhooks/github HTTP/1.1\r\nHost: x\r\nContent-Length: 26214400\r\n\r\n{"
              .getBytes(StandardCharsets.US_ASCII));
      out.flush();
      byte[] body = json("meanwhile");
      assertThat(post(fixture.delivery("meanwhile", "ping", body)).statusCode()).isEqualTo(202);
      fixture.pass(Duration.ofSeconds(31));
      out.write(' ');
      out.flush();
      assertThat(status(slow.getInputStream())).isEqualTo(408);
      slow.getInputStream().readAllBytes(); // to the end: it was closed
    }
  }

  @Test
  void largeBodiesUnderWayHoldBackLargeOnesAndNotSmallOnes() throws Exception {
    byte[] half = new byte[2 << 20];
    Arrays.fill(half, (byte) ' ');
    List<Socket> holding = new java.util.ArrayList<>();
    try {
      // Two large bodies are all that may be under way; neither needs a signature to begin.
      for (int i = 0; i < 2; i++) {
        Socket socket = connect();
        holding.add(socket);
        socket
            .getOutputStream()
            .write(
                "POST /webhooks/github HTTP/1.1\r\nHost: x\r\nContent-Length: 26214400\r\n\r\n"
                    .getBytes(StandardCharsets.US_ASCII));
        socket.getOutputStream().write(half);
        socket.getOutputStream().flush();
      }
      byte[] large = padded(LIMIT - 1);
      HttpResponse<String> answer = post(fixture.delivery("held-back", "ping", large));
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(429);
      assertThat(answer.headers().firstValue("Retry-After")).isPresent();
      byte[] small = json("small");
      assertThat(post(fixture.delivery("small", "ping", small)).statusCode()).isEqualTo(202);
    } finally {
      for (Socket socket : holding) {
        socket.close();
      }
    }
  }

  @Test
  void withoutASecretItSaysSoAndIsReadyAgainOnceThereIsOne(@TempDir Path other) throws Exception {
    try (ApplianceFixture bare = ApplianceFixture.start(other, Map.of())) {
      byte[] body = json("bare");
      HttpResponse<String> answer = bare.send(bare.delivery("bare", "ping", body).build());
      assertThat(answer.statusCode()).isEqualTo(503);
      assertThat(answer.body()).contains("not_configured");
      assertThat(answer.headers().firstValue("Retry-After")).isPresent();
      bare.configured();
      assertThat(bare.send(bare.delivery("bare", "ping", body).build()).statusCode())
          .isEqualTo(202);
    }
  }

  @Test
  void secretThatCannotBeReadIsNoFailureOfOursAndTellsTheSenderNothing(@TempDir Path other)
      throws Exception {
    try (ApplianceFixture torn = ApplianceFixture.start(other, Map.of()).configured()) {
      Path secrets = torn.home().secrets();
      byte[] body = json("torn");
      Files.setPosixFilePermissions(secrets, PosixFilePermissions.fromString("rw-r--r--"));
      HttpResponse<String> answer = torn.send(torn.delivery("torn", "ping", body).build());
      assertThat(answer.statusCode()).isEqualTo(503);
      assertThat(answer.body())
          .contains("secret_unreadable", "muster doctor")
          .doesNotContain(secrets.toString());
      assertThat(answer.headers().firstValue("Retry-After")).isPresent();
      Files.setPosixFilePermissions(secrets, PosixFilePermissions.fromString("rw-------"));
      assertThat(torn.send(torn.delivery("torn", "ping", body).build()).statusCode())
          .isEqualTo(202);
    }
  }

  private static HttpResponse<String> post(HttpRequest.Builder request) throws Exception {
    return fixture.send(request.build());
  }

  private static void refused(int status, String code, HttpRequest.Builder request)
      throws Exception {
    HttpResponse<String> answer = post(request);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    assertThat(answer.body()).startsWith("{\"error\":{\"code\":\"" + code + "\"");
  }

  private static HttpRequest.Builder signed(String id, byte[] body, String hex) {
    return fixture.delivery(id, "ping", body).setHeader("X-Hub-Signature-256", "sha256=" + hex);
  }

  private static byte[] json(String mark) {
    return ("{\"zen\":\"" + mark + "\"}").getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] nested(int levels) {
    return ("[".repeat(levels) + "]".repeat(levels)).getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] padded(int size) {
    byte[] body = new byte[size];
    Arrays.fill(body, (byte) 'x');
    byte[] start = "{\"zen\":\"".getBytes(StandardCharsets.UTF_8);
    System.arraycopy(start, 0, body, 0, start.length);
    body[size - 2] = '"';
    body[size - 1] = '}';
    return body;
  }

  private static byte[] resource(String name) throws IOException {
    try (InputStream in = WebhookDoorTest.class.getResourceAsStream("/github/" + name + ".json")) {
      return Objects.requireNonNull(in).readAllBytes();
    }
  }

  /** Sends without a library between, as one would refuse to read an early answer. */
  private static int rawStatus(byte[] body, boolean chunked) throws IOException {
    try (Socket socket = connect()) {
      socket.setSoTimeout(30_000);
      OutputStream out = socket.getOutputStream();
      String length = chunked ? "Transfer-Encoding: chunked" : "Content-Length: " + body.length;
      String head =
          "POST /webhooks/github HTTP/1.1\r\nHost: x\r\nX-GitHub-Event: ping\r\n"
              + "X-GitHub-Delivery: raw\r\nX-Hub-Signature-256: sha256=%s\r\n%s\r\n\r\n"
                  .formatted(Signature.hex(ApplianceFixture.SECRET, body), length);
      out.write(head.getBytes(StandardCharsets.US_ASCII));
      try {
        if (chunked) {
          for (int at = 0; at < body.length; at += 1 << 20) {
            int n = Math.min(1 << 20, body.length - at);
            out.write((Integer.toHexString(n) + "\r\n").getBytes(StandardCharsets.US_ASCII));
            out.write(body, at, n);
            out.write("\r\n".getBytes(StandardCharsets.US_ASCII));
          }
          out.write("0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        } else {
          out.write(body);
        }
        out.flush();
      } catch (IOException e) {
        // It may have answered and closed already; what it said is still to be read.
        assertThat(body.length).as("refused before its end").isGreaterThan(LIMIT);
      }
      return status(socket.getInputStream());
    }
  }

  private static Socket connect() throws IOException {
    return new Socket(InetAddress.getLoopbackAddress(), fixture.url("/").getPort());
  }

  private static int status(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = in.read(); c >= 0 && c != '\n'; c = in.read()) {
      line.append((char) c);
    }
    assertThat(line.toString()).startsWith("HTTP/1.1 ");
    return Integer.parseInt(line.substring(9, 12));
  }

  private static List<DeliveryStore.Summary> find(String id) {
    return fixture
        .appliance()
        .database()
        .read(read -> DeliveryStore.newest(read, Long.MAX_VALUE, 1_000))
        .stream()
        .filter(d -> d.deliveryId().equals(id))
        .toList();
  }

  private static DeliveryStore.Summary settled(String id) {
    Instant until = Instant.now().plusSeconds(20);
    while (true) {
      List<DeliveryStore.Summary> found = find(id);
      if (!found.isEmpty() && !found.getFirst().state().equals("queued")) {
        return found.getFirst();
      }
      assertThat(Instant.now()).as(id + " settled: " + found).isBefore(until);
    }
  }
}
