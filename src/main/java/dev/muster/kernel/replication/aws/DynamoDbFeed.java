package dev.muster.kernel.replication.aws;

import dev.muster.kernel.reconcile.TransientException;
import dev.muster.kernel.replication.Item;
import dev.muster.kernel.replication.Lease;
import dev.muster.kernel.replication.SharedTable.Batch;
import dev.muster.kernel.replication.SharedTable.Feed;
import dev.muster.kernel.replication.SharedTable.Unusable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.DescribeStreamResponse;
import software.amazon.awssdk.services.dynamodb.model.ExpiredIteratorException;
import software.amazon.awssdk.services.dynamodb.model.GetRecordsResponse;
import software.amazon.awssdk.services.dynamodb.model.OperationType;
import software.amazon.awssdk.services.dynamodb.model.Record;
import software.amazon.awssdk.services.dynamodb.model.Shard;
import software.amazon.awssdk.services.dynamodb.model.ShardIteratorType;
import software.amazon.awssdk.services.dynamodb.model.TrimmedDataAccessException;

/**
 * The table's stream. DynamoDB splits it into shards, each of which ends after some hours and has
 * children; a child is read when its parent is read to its end, so that changes of one item keep
 * their order. Where the place is lost, whoever follows reads everything again and begins anew.
 */
final class DynamoDbFeed implements Feed {
  private final String arn;
  private final DynamoDbTable table;

  /** Iterators of the shards that are being read. */
  private final Map<String, String> reading = new HashMap<>();

  private final Set<String> finished = new HashSet<>();

  /** A shard has ended, and those that follow it are not read yet. */
  private boolean childrenDue;

  DynamoDbFeed(String arn, DynamoDbTable table) {
    this.arn = arn;
    this.table = table;
  }

  /** Begins with what changes from now on. */
  void begin() {
    for (Shard shard : shards()) {
      if (shard.sequenceNumberRange().endingSequenceNumber() == null) {
        reading.put(shard.shardId(), iterator(shard.shardId(), ShardIteratorType.LATEST));
      } else {
        finished.add(shard.shardId());
      }
    }
  }

  private List<Shard> shards() {
    List<Shard> shards = new ArrayList<>();
    String last = null;
    do {
      String after = last;
      DescribeStreamResponse response =
          table.asked(
              "dynamodb:DescribeStream",
              () ->
                  table
                      .streams()
                      .describeStream(r -> r.streamArn(arn).exclusiveStartShardId(after)));
      shards.addAll(response.streamDescription().shards());
      last = response.streamDescription().lastEvaluatedShardId();
    } while (last != null);
    return shards;
  }

  private String iterator(String shard, ShardIteratorType type) {
    return table.asked(
        "dynamodb:GetShardIterator",
        () ->
            table
                .streams()
                .getShardIterator(r -> r.streamArn(arn).shardId(shard).shardIteratorType(type))
                .shardIterator());
  }

  @Override
  public Batch poll() {
    List<Item> items = new ArrayList<>();
    List<Lease> leases = new ArrayList<>();
    List<Unusable> unusable = new ArrayList<>();
    for (Map.Entry<String, String> shard : List.copyOf(reading.entrySet())) {
      GetRecordsResponse response;
      try {
        response = records(shard.getValue());
      } catch (TransientException e) {
        if (items.isEmpty() && leases.isEmpty() && unusable.isEmpty()) {
          throw e;
        }
        break; // what other shards gave is not lost by it; this one is asked again
      }
      response.records().forEach(change -> sort(change, items, leases, unusable));
      if (response.nextShardIterator() == null) {
        reading.remove(shard.getKey());
        finished.add(shard.getKey());
        childrenDue = true;
      } else {
        reading.put(shard.getKey(), response.nextShardIterator());
      }
    }
    Batch batch = new Batch(items, leases, unusable);
    if (childrenDue) {
      try {
        followChildren();
        childrenDue = false;
      } catch (TransientException e) {
        if (batch.empty()) {
          throw e;
        }
      }
    }
    return batch;
  }

  private GetRecordsResponse records(String iterator) {
    try {
      return table.asked(
          "dynamodb:GetRecords",
          () -> table.streams().getRecords(r -> r.shardIterator(iterator).limit(1000)));
    } catch (TransientException e) {
      if (e.getCause() instanceof ExpiredIteratorException
          || e.getCause() instanceof TrimmedDataAccessException) {
        throw new IllegalStateException("The place in the stream is lost; all is read again", e);
      }
      throw e;
    }
  }

  private void followChildren() {
    List<Shard> shards = shards();
    finished.retainAll(shards.stream().map(Shard::shardId).toList());
    for (Shard shard : shards) {
      String id = shard.shardId();
      boolean open = reading.containsKey(id) || finished.contains(id);
      boolean parentRead =
          shard.parentShardId() == null || !reading.containsKey(shard.parentShardId());
      if (!open && parentRead) {
        reading.put(id, iterator(id, ShardIteratorType.TRIM_HORIZON));
      }
    }
  }

  /** That an item was removed is no news: the table forgets what it may, and only that. */
  private static void sort(
      Record change, List<Item> items, List<Lease> leases, List<Unusable> unusable) {
    if (change.eventName() == OperationType.REMOVE) {
      return;
    }
    Map<String, AttributeValue> image = change.dynamodb().newImage();
    switch (Attributes.read(image)) {
      case Attributes.Read.OfItem(Item item) -> items.add(item);
      case Attributes.Read.OfLease(Lease lease) -> leases.add(lease);
      case Attributes.Read.Bad(Unusable bad) -> unusable.add(bad);
      case Attributes.Read.Other() -> {}
    }
  }
}
