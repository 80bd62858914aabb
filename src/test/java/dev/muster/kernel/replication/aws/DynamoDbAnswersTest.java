package dev.muster.kernel.replication.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.muster.kernel.reconcile.StalledException;
import dev.muster.kernel.reconcile.TransientException;
import dev.muster.kernel.replication.Item;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.retry.RetryMode;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.streams.DynamoDbStreamsClient;

/** What DynamoDB may answer that its emulator never does. */
class DynamoDbAnswersTest {
  private record Answer(int status, String body) {}

  private final Deque<Answer> answers = new ArrayDeque<>();
  private HttpServer server;
  private DynamoDbTable table;

  @BeforeEach
  void start() throws Exception {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          exchange.getRequestBody().readAllBytes();
          Answer answer = answers.remove();
          byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(answer.status(), body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
    URI url = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    StaticCredentialsProvider credentials =
        StaticCredentialsProvider.create(AwsBasicCredentials.create("test", "test"));
    table =
        new DynamoDbTable(
            "muster-prod-state",
            DynamoDbClient.builder()
                .httpClient(Apache5HttpClient.create())
                .endpointOverride(url)
                .region(Region.EU_WEST_1)
                .credentialsProvider(credentials)
                .overrideConfiguration(
                    o -> o.retryStrategy(RetryMode.STANDARD).retryStrategy(s -> s.maxAttempts(1)))
                .build(),
            DynamoDbStreamsClient.builder()
                .httpClient(Apache5HttpClient.create())
                .endpointOverride(url)
                .region(Region.EU_WEST_1)
                .credentialsProvider(credentials)
                .build());
  }

  @AfterEach
  void stop() {
    table.close();
    server.stop(0);
  }

  private static Item item() {
    return new Item(
        new Item.Key("west", "job", "1"), 1, 1, Instant.EPOCH, false, Optional.empty(), "{}");
  }

  private static Answer refusal(String type) {
    return new Answer(
        400, "{\"__type\":\"com.amazon.coral.service#%s\",\"message\":\"m\"}".formatted(type));
  }

  @Test
  void credentialsThatExpireInTheMiddleDelayAndLoseNothing() {
    answers.add(refusal("ExpiredTokenException"));
    assertThatThrownBy(() -> table.write(List.of(item())))
        .isInstanceOf(TransientException.class)
        .hasMessageContaining("ExpiredTokenException");
    answers.add(new Answer(200, "{\"UnprocessedItems\":{}}"));
    assertThat(table.write(List.of(item()))).isEmpty();
  }

  @Test
  void throttlingLeavesTheItemsToBeTriedAgain() {
    answers.add(refusal("ProvisionedThroughputExceededException"));
    assertThat(table.write(List.of(item()))).containsExactly(item());
    answers.add(refusal("ThrottlingException"));
    assertThat(table.write(List.of(item()))).containsExactly(item());
  }

  @Test
  void aMissingPermissionIsNamed() {
    answers.add(refusal("AccessDeniedException"));
    assertThatThrownBy(table::leases)
        .isInstanceOf(StalledException.class)
        .hasMessageContaining("its role needs dynamodb:Query");
  }
}
