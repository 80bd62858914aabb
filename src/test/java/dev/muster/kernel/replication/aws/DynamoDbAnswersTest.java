package dev.muster.kernel.replication.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.fixture.StandIn;
import dev.muster.kernel.reconcile.StalledException;
import dev.muster.kernel.reconcile.TransientException;
import dev.muster.kernel.replication.Item;
import dev.muster.kernel.replication.SharedTable;
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
  private StandIn server;
  private DynamoDbTable table;

  @BeforeEach
  void start() throws Exception {
    server =
        StandIn.start(exchange -> {
          exchange.getRequestBody().readAllBytes();
          Answer answer = answers.remove();
          StandIn.answer(exchange, answer.status(), answer.body());
        });
    StaticCredentialsProvider credentials =
        StaticCredentialsProvider.create(AwsBasicCredentials.create("test", "test"));
    table =
        new DynamoDbTable(
            "muster-prod-state",
            DynamoDbClient.builder()
                .httpClient(Apache5HttpClient.create())
                .endpointOverride(server.url())
                .region(Region.EU_WEST_1)
                .credentialsProvider(credentials)
                .overrideConfiguration(
                    o -> o.retryStrategy(RetryMode.STANDARD).retryStrategy(s -> s.maxAttempts(1)))
                .build(),
            DynamoDbStreamsClient.builder()
                .httpClient(Apache5HttpClient.create())
                .endpointOverride(server.url())
                .region(Region.EU_WEST_1)
                .credentialsProvider(credentials)
                .build());
  }

  @AfterEach
  void stop() {
    table.close();
    server.close();
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

  @Test
  void theStreamGoesOnWhereTheNextShardsCouldNotBeListedAtOnce() {
    answers.add(
        ok("{'Table':{'LatestStreamArn':'arn:aws:dynamodb:eu-west-1:1:table/t/stream/s'}}"));
    answers.add(
        shards("{'ShardId':'shard-1','SequenceNumberRange':{'StartingSequenceNumber':'1'}}"));
    answers.add(ok("{'ShardIterator':'first'}"));
    SharedTable.Feed feed = table.follow();

    answers.add(ok("{'Records':[]}")); // the shard has ended
    answers.add(refusal("ThrottlingException"));
    assertThatThrownBy(feed::poll).isInstanceOf(TransientException.class);

    answers.add(shards("{'ShardId':'shard-1'},{'ShardId':'shard-2','ParentShardId':'shard-1'}"));
    answers.add(ok("{'ShardIterator':'second'}"));
    assertThat(feed.poll().empty()).isTrue();
    answers.add(ok("{'Records':[],'NextShardIterator':'third'}"));
    assertThat(feed.poll().empty()).isTrue();
    assertThat(answers).as("shard 2 is read").isEmpty();
  }

  private static Answer shards(String shards) {
    return ok("{'StreamDescription':{'Shards':[" + shards + "]}}");
  }

  private static Answer ok(String body) {
    return new Answer(200, body.replace('\'', '"'));
  }
}
