package dev.muster.kernel.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import dev.muster.OtlpReceiver;
import dev.muster.fixture.StandIn;
import dev.muster.fleet.compute.ec2.SdkSettings;
import dev.muster.kernel.tracing.Telemetry;
import dev.muster.kernel.tracing.otel.OtlpTelemetry;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.SqsException;

/**
 * Spans of the SDK's calls, as a receiver gets them; AWS is a server that answers as it is told.
 */
@Timeout(60)
class TracedCallsTest {
  private static final InstantSource CLOCK = InstantSource.system();
  private static final String REGION = "eu-west-1";
  private static final Optional<String> ROLE = Optional.of("arn:aws:iam::111122223333:role/muster");
  private static final String QUEUE = "http://127.0.0.1/queue";
  private static final String ASSUMED =
      """
      <AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>
      <AccessKeyId>key</AccessKeyId><SecretAccessKey>secret</SecretAccessKey><SessionToken>token</SessionToken>
      <Expiration>2999-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>
      """;
  private static final String ONE_MESSAGE =
      """
      {"Messages": [{"MessageId": "1", "ReceiptHandle": "h", "Body": "x", "MD5OfBody": "9dd4e461268c8034f5c8564e155c67a6"}]}
      """;

  private record Answer(int status, String body) {}

  private final Deque<Answer> answers = new ArrayDeque<>();
  private final Deque<AutoCloseable> opened = new ArrayDeque<>();
  private OtlpReceiver receiver;
  private Telemetry telemetry;
  private AwsAccess access;

  @BeforeEach
  void open() throws IOException {
    StandIn aws = StandIn.start(this::answer);
    opened.push(aws);
    opened.push(SdkSettings.towards(aws.url()));
    receiver = OtlpReceiver.start();
    opened.push(receiver);
    telemetry =
        OtlpTelemetry.open(
            Optional.of(receiver.url().toString()),
            Map.of(),
            new OtlpTelemetry.Service("test", Optional.empty()),
            CLOCK);
    access = new AwsAccess(CompletableFuture.completedFuture(telemetry), CLOCK);
    opened.push(access);
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable part : opened) {
      part.close();
    }
  }

  private void answer(HttpExchange exchange) throws IOException {
    exchange.getRequestBody().readAllBytes();
    Answer answer;
    synchronized (answers) {
      answer = answers.isEmpty() ? new Answer(200, "{}") : answers.poll();
    }
    StandIn.answer(exchange, answer.status(), answer.body());
  }

  private void willAnswer(Answer... next) {
    synchronized (answers) {
      answers.addAll(List.of(next));
    }
  }

  private SqsClient queues(Optional<String> role) {
    SqsClient client = access.configured(SqsClient.builder(), REGION, role).build();
    opened.push(client);
    return client;
  }

  /** All of them: the telemetry sends what is left when it is closed. */
  private List<Span> spans() {
    telemetry.close();
    return receiver.spans();
  }

  private static Span named(List<Span> spans, String name) {
    return spans.stream().filter(span -> span.getName().equals(name)).findFirst().orElseThrow();
  }

  @Test
  void roleIsAssumedAndMessageDeletedBelowWhatTheyAreFor() {
    willAnswer(new Answer(500, ""), new Answer(200, ASSUMED));
    try (var _ = telemetry.span("work").start()) {
      queues(ROLE).deleteMessage(request -> request.queueUrl(QUEUE).receiptHandle("h"));
    }
    List<Span> spans = spans();
    Span work = named(spans, "work");
    assertThat(spans)
        .extracting(Span::getName)
        .containsExactlyInAnyOrder("work", "Sts AssumeRole", "Sqs DeleteMessage");
    for (String call : List.of("Sts AssumeRole", "Sqs DeleteMessage")) {
      assertThat(OtlpReceiver.parentId(named(spans, call))).isEqualTo(OtlpReceiver.spanId(work));
    }
    assertThat(OtlpReceiver.attributes(named(spans, "Sts AssumeRole")))
        .containsEntry("rpc.service", "Sts")
        .containsEntry("rpc.method", "AssumeRole")
        .containsEntry("muster.tries", "2");
    assertThat(OtlpReceiver.attributes(named(spans, "Sqs DeleteMessage")))
        .containsEntry("muster.tries", "1");
  }

  @Test
  void messagesThatCameAreASpanAndAnEmptyQueueIsNone() {
    willAnswer(new Answer(200, "{}"), new Answer(200, ONE_MESSAGE));
    SqsClient client = queues(Optional.empty());
    assertThat(client.receiveMessage(request -> request.queueUrl(QUEUE)).messages()).isEmpty();
    assertThat(client.receiveMessage(request -> request.queueUrl(QUEUE)).messages()).hasSize(1);
    assertThat(spans()).extracting(Span::getName).containsExactly("Sqs ReceiveMessage");
  }

  @Test
  void callThatFailsSaysSoAndHowOftenItWasTried() {
    willAnswer(new Answer(403, "{\"__type\": \"AccessDenied\"}"));
    SqsClient client = queues(Optional.empty());
    assertThatThrownBy(() -> client.receiveMessage(request -> request.queueUrl(QUEUE)))
        .isInstanceOf(SqsException.class);
    Span failed = named(spans(), "Sqs ReceiveMessage");
    assertThat(failed.getStatus().getCode()).isEqualTo(Status.StatusCode.STATUS_CODE_ERROR);
    assertThat(failed.getStatus().getMessage()).isEqualTo("SqsException");
    assertThat(OtlpReceiver.attributes(failed)).containsEntry("muster.tries", "1");
  }

  @Test
  void whatLoopsAskIsASpanOnlyWithinOne() {
    DynamoDbClient tables =
        access
            .configured(DynamoDbClient.builder(), REGION, Optional.empty())
            .overrideConfiguration(access.lookingOverrides().build())
            .build();
    opened.push(tables);
    tables.listTables();
    willAnswer(new Answer(400, "{\"__type\": \"ValidationException\"}"));
    assertThatThrownBy(tables::listTables).isNotNull();
    try (var _ = telemetry.span("replication write items").start()) {
      tables.describeLimits();
    }
    List<Span> spans = spans();
    assertThat(spans)
        .extracting(Span::getName)
        .containsExactlyInAnyOrder("replication write items", "DynamoDb DescribeLimits");
    assertThat(OtlpReceiver.parentId(named(spans, "DynamoDb DescribeLimits")))
        .isEqualTo(OtlpReceiver.spanId(named(spans, "replication write items")));
  }

  @Test
  void nothingIsASpanBeforeTheTelemetryIsThere() {
    try (AwsAccess early = new AwsAccess(new CompletableFuture<>(), CLOCK);
        SqsClient client =
            early.configured(SqsClient.builder(), REGION, Optional.empty()).build()) {
      client.deleteMessage(request -> request.queueUrl(QUEUE).receiptHandle("h"));
    }
    assertThat(spans()).isEmpty();
  }
}
