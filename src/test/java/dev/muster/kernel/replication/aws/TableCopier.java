package dev.muster.kernel.replication.aws;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.GetRecordsResponse;
import software.amazon.awssdk.services.dynamodb.model.OperationType;
import software.amazon.awssdk.services.dynamodb.model.Record;
import software.amazon.awssdk.services.dynamodb.model.Shard;
import software.amazon.awssdk.services.dynamodb.model.ShardIteratorType;
import software.amazon.awssdk.services.dynamodb.streams.DynamoDbStreamsClient;

/**
 * Between the tables of several regions what a global table does: brings each region's own items to
 * the others, late, some of them twice, those of different items in any order. A region may be cut
 * off. It also notes who wrote what was not its own.
 */
public final class TableCopier implements AutoCloseable {
  private static final int LONGEST_DELAY = 300;

  private final String table;
  private final Map<String, DynamoDbClient> clients = new HashMap<>();
  private final Set<String> cut = ConcurrentHashMap.newKeySet();
  private final List<String> trespasses = new CopyOnWriteArrayList<>();
  private final CountDownLatch closed = new CountDownLatch(1);
  private final List<Thread> threads = new ArrayList<>();
  private final Random random = new Random(11);

  /** Copies that this one made, by region and key, so that it knows them when they come back. */
  private final Map<String, Set<Map<String, AttributeValue>>> copied = new ConcurrentHashMap<>();

  private record Due(long at, String from, String to, Map<String, AttributeValue> item) {}

  private final List<Due> due = new ArrayList<>();

  public TableCopier(DynamoDbLocal local, String table, List<String> regions) {
    this.table = table;
    for (String region : regions) {
      clients.put(region, local.client(region));
      threads.add(Thread.ofVirtual().start(() -> follow(region, local.streams(region), regions)));
    }
    threads.add(Thread.ofVirtual().start(this::bring));
  }

  /** Nothing comes from or goes to a region from now on. */
  public void cut(String region) {
    cut.add(region);
  }

  public void join(String region) {
    cut.remove(region);
  }

  /** Writes of a region to what is another's. */
  public List<String> trespasses() {
    return List.copyOf(trespasses);
  }

  /** How much is on its way. */
  public int moving() {
    synchronized (due) {
      return due.size();
    }
  }

  private void follow(String region, DynamoDbStreamsClient streams, List<String> regions) {
    try (streams) {
      String arn = clients(region).describeTable(r -> r.tableName(table)).table().latestStreamArn();
      Map<String, String> reading = new HashMap<>();
      Set<String> known = new HashSet<>();
      while (!closed.await(20, TimeUnit.MILLISECONDS)) {
        for (Shard shard :
            streams.describeStream(r -> r.streamArn(arn)).streamDescription().shards()) {
          if (known.add(shard.shardId())) {
            reading.put(
                shard.shardId(),
                streams
                    .getShardIterator(r ->
                        r.streamArn(arn)
                            .shardId(shard.shardId())
                            .shardIteratorType(ShardIteratorType.TRIM_HORIZON))
                    .shardIterator());
          }
        }
        for (Map.Entry<String, String> shard : List.copyOf(reading.entrySet())) {
          GetRecordsResponse response = streams.getRecords(r -> r.shardIterator(shard.getValue()));
          response.records().forEach(change -> sort(region, change, regions));
          if (response.nextShardIterator() == null) {
            reading.remove(shard.getKey());
          } else {
            reading.put(shard.getKey(), response.nextShardIterator());
          }
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private DynamoDbClient clients(String region) {
    DynamoDbClient client = clients.get(region);
    if (client == null) {
      throw new IllegalArgumentException("No table in " + region);
    }
    return client;
  }

  private void sort(String region, Record change, List<String> regions) {
    if (change.eventName() == OperationType.REMOVE) {
      return;
    }
    Map<String, AttributeValue> item = change.dynamodb().newImage();
    String pk = item.getOrDefault("pk", AttributeValue.fromS("")).s();
    String sk = item.getOrDefault("sk", AttributeValue.fromS("")).s();
    if (pk.equals("format")) {
      return;
    }
    String writer = pk.equals(Attributes.LEASES) ? sk : pk.substring(0, pk.indexOf('#'));
    if (!writer.equals(region)) {
      if (!copied.getOrDefault(region + " " + pk + " " + sk, Set.of()).contains(item)) {
        trespasses.add(region + " wrote " + pk + " " + sk);
      }
      return;
    }
    synchronized (due) {
      for (String other : regions) {
        if (!other.equals(region)) {
          long at = System.nanoTime() + delay();
          for (Due before : due) {
            boolean same =
                before.to().equals(other)
                    && pk.equals(before.item().getOrDefault("pk", AttributeValue.fromS("")).s())
                    && sk.equals(before.item().getOrDefault("sk", AttributeValue.fromS("")).s());
            at = same ? Math.max(at, before.at() + 1) : at;
          }
          due.add(new Due(at, region, other, item));
          if (random.nextInt(5) == 0) {
            due.add(new Due(at, region, other, item));
          }
        }
      }
    }
  }

  private long delay() {
    return TimeUnit.MILLISECONDS.toNanos(20 + random.nextInt(LONGEST_DELAY));
  }

  private void bring() {
    try {
      while (!closed.await(5, TimeUnit.MILLISECONDS)) {
        List<Due> now = new ArrayList<>();
        synchronized (due) {
          due.sort(java.util.Comparator.comparingLong(Due::at));
          due.removeIf(one -> {
            boolean ripe =
                one.at() <= System.nanoTime()
                    && !cut.contains(one.from())
                    && !cut.contains(one.to());
            if (ripe) {
              now.add(one);
            }
            return ripe;
          });
        }
        for (Due one : now) {
          String pk = one.item().getOrDefault("pk", AttributeValue.fromS("")).s();
          String sk = one.item().getOrDefault("sk", AttributeValue.fromS("")).s();
          copied
              .computeIfAbsent(one.to() + " " + pk + " " + sk, key -> ConcurrentHashMap.newKeySet())
              .add(one.item());
          clients(one.to()).putItem(r -> r.tableName(table).item(one.item()));
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    closed.countDown();
    for (Thread thread : threads) {
      try {
        thread.join(java.time.Duration.ofSeconds(5));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    clients.values().forEach(DynamoDbClient::close);
  }
}
