package dev.muster.agent.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class AgentCodecTest {
  private final AgentCodec codec = new AgentCodec();

  static Stream<Message> messages() {
    return Stream.of(
        new EnrollRequest(
            "L1", new Secret("s3"), "i-1", "b-1", "linux", "arm64", "1.0", "-----BEGIN PKCS7"),
        new EnrollRequest("L1", new Secret("s3"), "i-1", "b-1", "linux", "arm64", "1.0", null),
        new SessionRequest("b-2"),
        new SessionGrant(
            "r-1", new Secret("t"), Duration.ofSeconds(20), Duration.ofSeconds(10), null),
        new SessionGrant(
            "r-1",
            new Secret("t"),
            Duration.ofSeconds(20),
            Duration.ofSeconds(10),
            new RunnerRelease("2.330.0", "https://x/download", Map.of("win-x64", "a".repeat(64)))),
        new LogChunk(3, "a line\n\u001b[31mred\u0000"),
        new Report(8, Phase.NOTICE, Instant.EPOCH, "disk nearly full", null, null),
        assignment(),
        new Instruction.Stop("the pool is full"),
        new Report(7, Phase.FINISHED, Instant.parse("2026-03-01T10:00:00Z"), "done", 137, "ü\n"),
        new Report(1, Phase.READY, Instant.parse("2026-03-01T10:00:00.5Z"), null, null, null),
        new ReportReply(true, "max runtime"),
        new ReportReply(false, null),
        new WireError("unauthorized", "enrol i-1: the secret has expired", "launch anew"));
  }

  @ParameterizedTest
  @MethodSource("messages")
  void everyMessageSurvivesTheRoundTrip(Message message) {
    Class<? extends Message> type =
        message instanceof Instruction ? Instruction.class : message.getClass();
    assertThat(codec.decode(type, codec.encode(message))).isEqualTo(message);
  }

  @Test
  void wireFormIsWhatTheProtocolSays() {
    assertThat(text(assignment()))
        .isEqualTo(
            """
            {"type":"assign","job":"42","name":"muster-1","jit":"ZW5jb2RlZA==",\
            "command":["/bin/run","once"],"environment":{"A":"secret-value"},\
            "maxRuntimeSeconds":3600,"reportToken":"rt"}\
            """);
    assertThat(text(new WireError("unauthorized", "no", null)))
        .isEqualTo("{\"error\":{\"code\":\"unauthorized\",\"message\":\"no\"}}");
  }

  @Test
  void fieldsThatAreNotKnownAreIgnored() {
    assertThat(read(ReportReply.class, "{\"stop\":false,\"later\":{\"a\":[1]}}").stop()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "null",
        "[]",
        "7",
        "{",
        "{\"stop\":true} x",
        "{\"stop\":true}{}",
        "{\"stop\":\"true\"}",
        "{\"stop\":1}",
        "{\"stop\":null}",
        "{}",
        "{\"stop\":true,\"stop\":false}",
        "{\"stop\":true,\"reason\":[]}",
        "{\"stop\":true,\"x\":[[[[[[[[[[]]]]]]]]]]}",
        "\u0000\u0001"
      })
  void whatIsNotAReplyIsRefused(String body) {
    assertThatThrownBy(() -> read(ReportReply.class, body))
        .isInstanceOf(MalformedMessage.class)
        .hasMessageStartingWith("ReportReply: ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"seq\":0,\"phase\":\"READY\",\"at\":\"2026-01-01T00:00:00Z\"}",
        "{\"seq\":-1,\"phase\":\"READY\",\"at\":\"2026-01-01T00:00:00Z\"}",
        "{\"seq\":1.5,\"phase\":\"READY\",\"at\":\"2026-01-01T00:00:00Z\"}",
        "{\"seq\":99999999999999999999,\"phase\":\"READY\",\"at\":\"2026-01-01T00:00:00Z\"}",
        "{\"seq\":1,\"phase\":\"ready\",\"at\":\"2026-01-01T00:00:00Z\"}",
        "{\"seq\":1,\"phase\":\"READY\",\"at\":\"yesterday\"}",
        "{\"seq\":1,\"phase\":\"READY\",\"at\":\"2026-01-01T00:00:00Z\",\"exitCode\":4294967296}"
      })
  void reportsOutOfRangeAreRefused(String body) {
    assertThatThrownBy(() -> read(Report.class, body)).isInstanceOf(MalformedMessage.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"type\":\"dance\"}",
        "{\"reason\":\"no type\"}",
        "{\"type\":\"assign\",\"job\":\"1\",\"name\":\"n\",\"jit\":\"j\",\"command\":[],"
            + "\"maxRuntimeSeconds\":60,\"reportToken\":\"t\"}",
        "{\"type\":\"assign\",\"job\":\"1\",\"name\":\"n\",\"jit\":\"j\",\"command\":[\"a\\u0000\"],"
            + "\"maxRuntimeSeconds\":60,\"reportToken\":\"t\"}",
        "{\"type\":\"assign\",\"job\":\"1\",\"name\":\"n\",\"jit\":\"j\",\"command\":[\"a\"],"
            + "\"environment\":{\"A=B\":\"c\"},\"maxRuntimeSeconds\":60,\"reportToken\":\"t\"}",
        "{\"type\":\"assign\",\"job\":\"1\",\"name\":\"n\",\"jit\":\"j\",\"command\":[\"a\"],"
            + "\"maxRuntimeSeconds\":0,\"reportToken\":\"t\"}",
        "{\"type\":\"assign\",\"job\":\"1\",\"name\":\"n\",\"jit\":\"j\",\"command\":[\"a\"],"
            + "\"maxRuntimeSeconds\":60,\"reportToken\":\"t\\r\\nX: y\"}"
      })
  void instructionsThatCannotBeCarriedOutAreRefused(String body) {
    assertThatThrownBy(() -> read(Instruction.class, body)).isInstanceOf(MalformedMessage.class);
  }

  @Test
  void releaseKnowsItsArchives() {
    RunnerRelease release =
        new RunnerRelease(
            "2.330.0",
            "https://x/download",
            Map.of("win-x64", "a".repeat(64), "linux-arm64", "b".repeat(64)));
    assertThat(release.archive("win-x64"))
        .contains(
            new RunnerRelease.Archive(
                "https://x/download/v2.330.0/actions-runner-win-x64-2.330.0.zip", "a".repeat(64)));
    assertThat(release.archive("linux-arm64").orElseThrow().url()).endsWith(".tar.gz");
    assertThat(release.archive("linux-x64")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "2", "2.330", "../../x", "2.330.0-rc1", "v2.330.0"})
  void versionThatIsNoneIsRefused(String version) {
    assertThatThrownBy(() -> new RunnerRelease(version, "https://x", Map.of()))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void largestChunkFitsABody() {
    String worst = "\u0001".repeat(LogChunk.LONGEST); // six bytes each, escaped
    assertThat(codec.encode(new LogChunk(1, worst)).length).isLessThan(AgentApi.MAX_BODY);
  }

  @Test
  void bodyOverTheLimitIsRefusedBeforeItIsParsed() {
    byte[] body = new byte[AgentApi.MAX_BODY + 1];
    assertThatThrownBy(() -> codec.decode(Report.class, body))
        .isInstanceOf(MalformedMessage.class)
        .hasMessageContaining("over the limit of 262144");
  }

  @Test
  void errorsNameTheFieldAndNeverItsValue() {
    assertThatThrownBy(
            () -> read(SessionGrant.class, "{\"runner\":\"r\",\"session\":[\"hunter2\"]}"))
        .hasMessage("SessionGrant: field 'session' must be text");
    assertThatThrownBy(() -> read(SessionGrant.class, "{\"session\":\"hunter2\" hunter2}"))
        .hasMessageNotContaining("hunter2")
        .hasMessageContaining("line 1, column");
  }

  @Test
  void textFormOfNoMessageShowsACredential() {
    assertThat(messages().map(Message::toString))
        .allSatisfy(
            text -> assertThat(text).doesNotContain("s3", "secret-value", "ZW5jb2RlZA==", "=rt"));
  }

  private static Instruction.Assign assignment() {
    return new Instruction.Assign(
        "42",
        "muster-1",
        new Secret("ZW5jb2RlZA=="),
        List.of("/bin/run", "once"),
        Map.of("A", "secret-value"),
        Duration.ofHours(1),
        new Secret("rt"));
  }

  private <T extends Message> T read(Class<T> type, String body) {
    return codec.decode(type, body.getBytes(StandardCharsets.UTF_8));
  }

  private String text(Message message) {
    return new String(codec.encode(message), StandardCharsets.UTF_8);
  }
}
