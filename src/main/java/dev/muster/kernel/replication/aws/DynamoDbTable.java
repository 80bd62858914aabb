package dev.muster.kernel.replication.aws;

import dev.muster.kernel.reconcile.StalledException;
import dev.muster.kernel.reconcile.TransientException;
import dev.muster.kernel.replication.Item;
import dev.muster.kernel.replication.Lease;
import dev.muster.kernel.replication.SharedTable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.BatchWriteItemResponse;
import software.amazon.awssdk.services.dynamodb.model.ConditionalCheckFailedException;
import software.amazon.awssdk.services.dynamodb.model.KeySchemaElement;
import software.amazon.awssdk.services.dynamodb.model.KeyType;
import software.amazon.awssdk.services.dynamodb.model.ProvisionedThroughputExceededException;
import software.amazon.awssdk.services.dynamodb.model.PutItemRequest;
import software.amazon.awssdk.services.dynamodb.model.PutRequest;
import software.amazon.awssdk.services.dynamodb.model.QueryResponse;
import software.amazon.awssdk.services.dynamodb.model.ResourceNotFoundException;
import software.amazon.awssdk.services.dynamodb.model.StreamViewType;
import software.amazon.awssdk.services.dynamodb.model.TableDescription;
import software.amazon.awssdk.services.dynamodb.model.WriteRequest;
import software.amazon.awssdk.services.dynamodb.streams.DynamoDbStreamsClient;

/**
 * A table with the keys {@code pk} and {@code sk}, both strings, and a stream of new images. A
 * region's items lie under {@code REGION#SHARD}, the leases of all regions under {@code leases}.
 */
public final class DynamoDbTable implements SharedTable {
  /** What one BatchWriteItem takes. */
  private static final int BATCH = 25;

  /** So many batches are on their way at a time. */
  private static final int ABREAST = 4;

  private final String name;
  private final DynamoDbClient client;
  private final DynamoDbStreamsClient streams;
  private final ExecutorService calls = Executors.newVirtualThreadPerTaskExecutor();

  /** Asks nothing yet; closes the clients with itself. */
  public DynamoDbTable(String name, DynamoDbClient client, DynamoDbStreamsClient streams) {
    this.name = name;
    this.client = client;
    this.streams = streams;
  }

  @Override
  public String name() {
    return "DynamoDB table " + name;
  }

  @Override
  public void check() {
    TableDescription table =
        asked("dynamodb:DescribeTable", () -> client.describeTable(r -> r.tableName(name)).table());
    Map<KeyType, String> keys = new HashMap<>();
    for (KeySchemaElement key : table.keySchema()) {
      keys.put(key.keyType(), key.attributeName());
    }
    if (!"pk".equals(keys.get(KeyType.HASH)) || !"sk".equals(keys.get(KeyType.RANGE))) {
      throw new StalledException(
          "%s has the keys %s, not pk and sk: it is another program's; make one from muster infra template, and name its prefix under environments.NAME.tables"
              .formatted(name(), keys.values()),
          null);
    }
    if (table.latestStreamArn() == null
        || table.streamSpecification() == null
        || !sayNewImages(table.streamSpecification().streamViewType())) {
      throw new StalledException(
          name() + " has no stream of new images: switch it on, as muster infra template has it",
          null);
    }
    mark();
  }

  private static boolean sayNewImages(StreamViewType type) {
    return type == StreamViewType.NEW_IMAGE || type == StreamViewType.NEW_AND_OLD_IMAGES;
  }

  /** Says in a new table which form its items have; a newer form is not touched. */
  private void mark() {
    Map<String, AttributeValue> key =
        Map.of("pk", Attributes.text("format"), "sk", Attributes.text("muster"));
    Map<String, AttributeValue> found =
        asked("dynamodb:GetItem", () -> client.getItem(r -> r.tableName(name).key(key)).item());
    if (found == null || found.isEmpty()) {
      Map<String, AttributeValue> marker = new HashMap<>(key);
      marker.put("format", Attributes.number(FORMAT));
      asked("dynamodb:PutItem", () -> client.putItem(r -> r.tableName(name).item(marker)));
      return;
    }
    long format = Attributes.number(found, "format").orElse(0L);
    if (format != FORMAT) {
      throw new StalledException(
          "%s is in format %d, and this program knows %d: update this appliance, and nothing is written until then"
              .formatted(name(), format, FORMAT),
          null);
    }
  }

  @Override
  public List<Item> write(List<Item> items) {
    List<List<Item>> batches = new ArrayList<>();
    for (int from = 0; from < items.size(); from += BATCH) {
      batches.add(items.subList(from, Math.min(items.size(), from + BATCH)));
    }
    List<Item> refused = new ArrayList<>();
    for (int from = 0; from < batches.size(); from += ABREAST) {
      List<Future<List<Item>>> abreast = new ArrayList<>();
      for (List<Item> batch : batches.subList(from, Math.min(batches.size(), from + ABREAST))) {
        abreast.add(calls.submit(() -> writeBatch(batch)));
      }
      abreast.forEach(call -> refused.addAll(result(call)));
      if (!refused.isEmpty()) {
        // It is asked for too much: the rest waits too.
        batches.stream().skip((long) from + ABREAST).forEach(refused::addAll);
        break;
      }
    }
    return refused;
  }

  private static List<Item> result(Future<List<Item>> call) {
    try {
      return call.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TransientException("Writing was interrupted", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException(e.getCause());
    }
  }

  private List<Item> writeBatch(List<Item> batch) {
    List<WriteRequest> requests =
        batch.stream()
            .map(item ->
                WriteRequest.builder()
                    .putRequest(PutRequest.builder().item(Attributes.of(item)).build())
                    .build())
            .toList();
    BatchWriteItemResponse response;
    try {
      response =
          asked(
              "dynamodb:BatchWriteItem",
              () -> client.batchWriteItem(r -> r.requestItems(Map.of(name, requests))));
    } catch (ThrottledException e) {
      return batch;
    }
    List<WriteRequest> left = response.unprocessedItems().getOrDefault(name, List.of());
    if (left.isEmpty()) {
      return List.of();
    }
    return batch.stream()
        .filter(item ->
            left.stream()
                .map(request -> request.putRequest().item())
                .anyMatch(attributes -> Attributes.sameKey(attributes, item)))
        .toList();
  }

  @Override
  public Page read(String writer, int shard, Optional<String> after) {
    String partition = Attributes.partition(writer, shard);
    QueryResponse response =
        asked(
            "dynamodb:Query",
            () ->
                client.query(r -> {
                  r.tableName(name)
                      .keyConditionExpression("pk = :pk")
                      .expressionAttributeValues(Map.of(":pk", Attributes.text(partition)));
                  after.ifPresent(sk ->
                      r.exclusiveStartKey(
                          Map.of("pk", Attributes.text(partition), "sk", Attributes.text(sk))));
                }));
    List<Item> items = new ArrayList<>();
    List<Unusable> unusable = new ArrayList<>();
    for (Map<String, AttributeValue> attributes : response.items()) {
      switch (Attributes.read(attributes)) {
        case Attributes.Read.OfItem(Item item) -> items.add(item);
        case Attributes.Read.Bad(Unusable bad) -> unusable.add(bad);
        case Attributes.Read.OfLease _, Attributes.Read.Other() -> {}
      }
    }
    Map<String, AttributeValue> last = response.lastEvaluatedKey();
    return new Page(
        items,
        unusable,
        last == null || last.isEmpty() ? Optional.empty() : Attributes.text(last, "sk"));
  }

  @Override
  public List<Lease> leases() {
    List<Lease> leases = new ArrayList<>();
    Map<String, AttributeValue> from = Map.of();
    do {
      Map<String, AttributeValue> start = from;
      QueryResponse response =
          asked(
              "dynamodb:Query",
              () ->
                  client.query(r -> {
                    r.tableName(name)
                        .consistentRead(true)
                        .keyConditionExpression("pk = :pk")
                        .expressionAttributeValues(
                            Map.of(":pk", Attributes.text(Attributes.LEASES)));
                    if (!start.isEmpty()) {
                      r.exclusiveStartKey(start);
                    }
                  }));
      for (Map<String, AttributeValue> attributes : response.items()) {
        if (Attributes.read(attributes) instanceof Attributes.Read.OfLease(Lease lease)) {
          leases.add(lease);
        }
      }
      from = response.lastEvaluatedKey() == null ? Map.of() : response.lastEvaluatedKey();
    } while (!from.isEmpty());
    return leases;
  }

  @Override
  public boolean write(Lease lease, Optional<Lease> expected) {
    PutItemRequest.Builder request =
        PutItemRequest.builder().tableName(name).item(Attributes.of(lease));
    expected.ifPresentOrElse(
        before ->
            request
                .conditionExpression("holder = :holder and generation = :generation")
                .expressionAttributeValues(
                    Map.of(
                        ":holder", Attributes.text(before.holder()),
                        ":generation", Attributes.number(before.generation()))),
        () -> request.conditionExpression("attribute_not_exists(pk)"));
    try {
      asked("dynamodb:PutItem", () -> client.putItem(request.build()));
      return true;
    } catch (OtherWriterException e) {
      return false;
    }
  }

  @Override
  public Feed follow() {
    String arn =
        asked(
            "dynamodb:DescribeTable",
            () -> client.describeTable(r -> r.tableName(name)).table().latestStreamArn());
    DynamoDbFeed feed = new DynamoDbFeed(arn, this);
    feed.begin();
    return feed;
  }

  DynamoDbStreamsClient streams() {
    return streams;
  }

  /** The table takes no more at the moment. */
  static final class ThrottledException extends TransientException {
    private static final long serialVersionUID = 1L;

    ThrottledException(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /** A condition did not hold. */
  private static final class OtherWriterException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    OtherWriterException(Throwable cause) {
      super("another writer", cause);
    }
  }

  /** Asks AWS; says what it answered in our words. */
  <T> T asked(String permission, Supplier<T> call) {
    try {
      return call.get();
    } catch (ConditionalCheckFailedException e) {
      throw new OtherWriterException(e);
    } catch (ResourceNotFoundException e) {
      throw new StalledException(
          name() + " is not there in this region: make it from muster infra template", e);
    } catch (ProvisionedThroughputExceededException e) {
      throw new ThrottledException(name() + " takes no more at the moment", e);
    } catch (AwsServiceException e) {
      throw service(permission, e);
    } catch (SdkException e) {
      throw new TransientException(name() + " cannot be reached: " + e.getMessage(), e);
    }
  }

  private RuntimeException service(String permission, AwsServiceException e) {
    if (e.isThrottlingException()) {
      return new ThrottledException(name() + " takes no more at the moment", e);
    }
    String code = e.awsErrorDetails() == null ? "" : e.awsErrorDetails().errorCode();
    if ("AccessDeniedException".equals(code)) {
      return new StalledException(
          "%s refuses this appliance: its role needs %s".formatted(name(), permission), e);
    }
    return new TransientException(
        "%s answers %d %s to %s".formatted(name(), e.statusCode(), code, permission), e);
  }

  @Override
  public void close() {
    calls.close();
    client.close();
    streams.close();
  }
}
