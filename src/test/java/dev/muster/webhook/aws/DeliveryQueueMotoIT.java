package dev.muster.webhook.aws;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.fleet.compute.ec2.MotoServer;
import dev.muster.kernel.audit.AuditLog;
import dev.muster.kernel.clock.VirtualTime;
import dev.muster.kernel.http.Signature;
import dev.muster.kernel.notice.Notices;
import dev.muster.kernel.store.StoreFixture;
import dev.muster.kernel.tracing.Telemetry;
import dev.muster.webhook.Delivery;
import dev.muster.webhook.DeliveryHandler;
import dev.muster.webhook.DeliveryInbox;
import dev.muster.webhook.DeliveryStore;
import dev.muster.webhook.QueuedDeliveries;
import dev.muster.webhook.WebhookDoor;
import dev.muster.webhook.WebhookSource;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.MessageAttributeValue;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;

/** Deliveries through an emulator of SQS that we did not write. */
@Execution(ExecutionMode.CONCURRENT)
class DeliveryQueueMotoIT {
  private static final String SECRET = "s";
  private static final String TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

  @TempDir private Path folder;
  private final VirtualTime time = new VirtualTime("2026-03-01T12:00:00Z");

  /** GitHub's own, but for the config that it needs. */
  private static final class Signed implements WebhookSource {
    @Override
    public String name() {
      return "github";
    }

    @Override
    public int limit() {
      return 1 << 20;
    }

    @Override
    public Verification verify(Function<String, Optional<String>> headers, byte[] body) {
      boolean holds =
          headers
              .apply("x-hub-signature-256")
              .filter(s -> Signature.holds(s, body, List.of(SECRET)))
              .isPresent();
      return holds
          ? new Verification.Genuine(
              headers.apply("x-github-delivery").orElseThrow(),
              headers.apply("x-github-event").orElseThrow())
          : new Verification.Forged("The signature does not hold under any live secret");
    }
  }

  private static final class Nothing implements DeliveryHandler {
    @Override
    public String source() {
      return "github";
    }

    @Override
    public Effect read(Delivery delivery) {
      return new Effect.Ignored("a test");
    }
  }

  private static Map<String, MessageAttributeValue> attributes(String id, String body) {
    Map<String, MessageAttributeValue> attributes = new HashMap<>();
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    Map.of(
            "X-GitHub-Event",
            "ping",
            "X-GitHub-Delivery",
            id,
            "X-Hub-Signature-256",
            "sha256=" + Signature.hex(SECRET, bytes),
            "traceparent",
            TRACE)
        .forEach((name, value) ->
            attributes.put(
                name,
                MessageAttributeValue.builder().dataType("String").stringValue(value).build()));
    return attributes;
  }

  /** A body with which a message is as large as SQS takes one: 256 KiB with its attributes. */
  private static String ofMostBytes(String id) {
    String frame = "{\"text\":\"%s\"}";
    int attributes =
        attributes(id, "").entrySet().stream()
            .mapToInt(e ->
                e.getKey().length()
                    + e.getValue().dataType().length()
                    + e.getValue().stringValue().length())
            .sum();
    int framed = frame.formatted("").length();
    return frame.formatted("x".repeat(256 * 1024 - attributes - framed));
  }

  private static int messages(SqsClient sqs, String url) {
    return sqs
        .getQueueAttributes(r ->
            r.queueUrl(url)
                .attributeNames(
                    QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES,
                    QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_NOT_VISIBLE))
        .attributes()
        .values()
        .stream()
        .mapToInt(Integer::parseInt)
        .sum();
  }

  @Test
  @Timeout(120)
  void whatIsRecordedIsDeletedAndWhatIsForgedIsGivenToTheDeadLetters() throws Exception {
    try (MotoServer moto = MotoServer.start();
        SqsClient sqs =
            SqsClient.builder()
                .httpClient(Apache5HttpClient.create())
                .endpointOverride(moto.url())
                .region(Region.EU_WEST_1)
                .credentialsProvider(
                    StaticCredentialsProvider.create(AwsBasicCredentials.create("test", "test")))
                .build();
        StoreFixture store = StoreFixture.open(folder, new AuditLog(time));
        DeliveryInbox inbox =
            new DeliveryInbox(
                store.database(),
                store.writer(),
                new DeliveryStore(),
                List.of(new Nothing()),
                time,
                time)) {
      String dead = sqs.createQueue(r -> r.queueName("dead")).queueUrl();
      String arn =
          sqs.getQueueAttributes(r -> r.queueUrl(dead).attributeNames(QueueAttributeName.QUEUE_ARN))
              .attributes()
              .get(QueueAttributeName.QUEUE_ARN);
      String url =
          sqs.createQueue(r ->
                  r.queueName("muster-eu-west-1-deliveries")
                      .attributes(
                          Map.of(
                              QueueAttributeName.REDRIVE_POLICY,
                              "{\"deadLetterTargetArn\":\"%s\",\"maxReceiveCount\":3}"
                                  .formatted(arn))))
              .queueUrl();
      WebhookDoor door =
          new WebhookDoor(
              List.of(new Signed()),
              store.writer(),
              inbox,
              time,
              new Random(7),
              (source, outcome, took) -> {},
              Telemetry.OFF);
      DeliveryQueue queue =
          new DeliveryQueue(
              "eu-west-1",
              URI.create(url),
              () -> sqs,
              new QueuedDeliveries(door),
              store.writer(),
              time);
      String small = "{\"zen\":\"Keep it ä logically awesome.\"}";
      String large = ofMostBytes("b");
      send(sqs, url, small, attributes("a", small));
      send(sqs, url, small, attributes("a", small));
      send(sqs, url, large, attributes("b", large));
      send(sqs, url, small, Map.of());
      send(sqs, url, "{\"forged\":true}", attributes("c", small));
      while (messages(sqs, url) > 0) {
        queue.take(sqs);
      }
      assertThat(messages(sqs, dead)).isEqualTo(2);
      List<String> recorded =
          store.read(read ->
              read.all(
                  "select delivery_id, traceparent from delivery order by delivery_id",
                  row -> row.text("delivery_id") + " " + row.text("traceparent")));
      assertThat(recorded).containsExactly("a " + TRACE, "b " + TRACE);
      assertThat(store.read(Notices::all))
          .singleElement()
          .satisfies(notice ->
              assertThat(notice.message())
                  .contains("muster-eu-west-1-deliveries")
                  .contains("The signature does not hold")
                  .contains("dead-letter queue"));
    }
  }

  private static void send(
      SqsClient sqs, String url, String body, Map<String, MessageAttributeValue> attributes) {
    sqs.sendMessage(r -> r.queueUrl(url).messageBody(body).messageAttributes(attributes));
  }
}
