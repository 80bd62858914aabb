package dev.muster.kernel.replication.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.kernel.reconcile.StalledException;
import dev.muster.kernel.replication.Item;
import dev.muster.kernel.replication.Lease;
import dev.muster.kernel.replication.SharedTable;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** The table against DynamoDB's own emulator. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DynamoDbTableIT {
  private static final String REGION = "eu-west-1";
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

  private DynamoDbLocal local;
  private DynamoDbClient raw;
  private int tables;

  @BeforeAll
  void start() throws Exception {
    local = DynamoDbLocal.start();
    raw = local.client(REGION);
  }

  @AfterAll
  void stop() {
    if (local != null) {
      raw.close();
      local.close();
    }
  }

  private DynamoDbTable table() {
    return local.table(REGION, "muster-" + tables++ + "-state");
  }

  private static Item item(String writer, String name, long version) {
    return new Item(
        new Item.Key(writer, "job", name),
        1,
        version,
        NOW,
        false,
        Optional.of(NOW.plusSeconds(60)),
        "{\"n\":" + version + "}");
  }

  private static Lease lease(String holder, long generation, long beat) {
    return new Lease(
        "west",
        holder,
        "https://" + holder,
        generation,
        beat,
        NOW,
        "1",
        Optional.of("abc"),
        Optional.empty(),
        Map.of("north", new Lease.Choice("west", 4)),
        Map.of());
  }

  private static List<Item> all(SharedTable table, String writer) {
    List<Item> all = new ArrayList<>();
    for (int shard = 0; shard < Item.SHARDS; shard++) {
      Optional<String> next = Optional.empty();
      do {
        SharedTable.Page page = table.read(writer, shard, next);
        all.addAll(page.items());
        next = page.next();
      } while (next.isPresent());
    }
    return all;
  }

  @Test
  void itemsComeBackAsTheyWereWritten() {
    try (DynamoDbTable table = table()) {
      List<Item> items = new ArrayList<>();
      for (int i = 1; i <= 230; i++) {
        items.add(item("west", "j" + i, i));
      }
      items.add(
          new Item(new Item.Key("west", "job", "gone"), 2, 9, NOW, true, Optional.empty(), "{}"));
      assertThat(table.write(items)).isEmpty();
      assertThat(table.write(List.of(item("north", "other", 1)))).isEmpty();
      assertThat(all(table, "west")).containsExactlyInAnyOrderElementsOf(items);
    }
  }

  @Test
  void largeShardsAreReadInPages() {
    try (DynamoDbTable table = table()) {
      String body = "{\"text\":\"" + "x".repeat(200_000) + "\"}";
      List<Item> items = new ArrayList<>();
      for (int i = 0; items.size() < 12; i++) {
        Item.Key key = new Item.Key("west", "job", "large" + i);
        if (key.shard() == 3) {
          items.add(new Item(key, 1, 1, NOW, false, Optional.empty(), body));
        }
      }
      assertThat(table.write(items)).isEmpty();
      assertThat(table.read("west", 3, Optional.empty()).next()).isPresent();
      assertThat(all(table, "west")).hasSize(12);
    }
  }

  @Test
  void theFeedSaysWhatChangesFromNowOn() {
    try (DynamoDbTable table = table()) {
      table.write(List.of(item("west", "before", 1)));
      SharedTable.Feed feed = table.follow();
      table.write(List.of(item("west", "after", 1)));
      table.write(List.of(item("west", "after", 2)));
      table.write(lease("a", 1, 1), Optional.empty());
      raw.deleteItem(r ->
          r.tableName("muster-" + (tables - 1) + "-state")
              .key(
                  Map.of(
                      "pk",
                          AttributeValue.fromS(
                              Attributes.partition(
                                  "west", item("west", "before", 1).key().shard())),
                      "sk", AttributeValue.fromS("job#before"))));
      List<Item> items = new ArrayList<>();
      List<Lease> leases = new ArrayList<>();
      for (int i = 0; i < 50 && (items.size() < 2 || leases.isEmpty()); i++) {
        SharedTable.Batch batch = feed.poll();
        items.addAll(batch.items());
        leases.addAll(batch.leases());
      }
      assertThat(items).containsExactly(item("west", "after", 1), item("west", "after", 2));
      assertThat(leases).containsExactly(lease("a", 1, 1));
    }
  }

  @Test
  void aLeaseIsWrittenOnlyOverTheExpectedOne() {
    try (DynamoDbTable table = table()) {
      assertThat(table.write(lease("a", 1, 1), Optional.empty())).isTrue();
      assertThat(table.write(lease("b", 1, 1), Optional.empty())).isFalse();
      assertThat(table.write(lease("a", 1, 2), Optional.of(lease("a", 1, 1)))).isTrue();
      assertThat(table.write(lease("b", 2, 1), Optional.of(lease("a", 1, 2)))).isTrue();
      assertThat(table.write(lease("a", 1, 3), Optional.of(lease("a", 1, 2)))).isFalse();
      assertThat(table.leases()).containsExactly(lease("b", 2, 1));
    }
  }

  @Test
  void aNewTableIsMarkedAndANewerOneLeftAlone() {
    try (DynamoDbTable table = table()) {
      table.check();
      assertThatCode(table::check).doesNotThrowAnyException();
      raw.putItem(r ->
          r.tableName("muster-" + (tables - 1) + "-state")
              .item(
                  Map.of(
                      "pk", AttributeValue.fromS("format"),
                      "sk", AttributeValue.fromS("muster"),
                      "format", AttributeValue.fromN("2"))));
      assertThatThrownBy(table::check)
          .isInstanceOf(StalledException.class)
          .hasMessageContaining("is in format 2, and this program knows 1");
    }
  }

  @Test
  void aTableOfAnotherKindIsRefused() {
    raw.createTable(DynamoDbLocal.definition("orders", "customer", "order").build());
    try (DynamoDbTable table =
        new DynamoDbTable("orders", local.client(REGION), local.streams(REGION))) {
      assertThatThrownBy(table::check)
          .isInstanceOf(StalledException.class)
          .hasMessageContaining("not pk and sk");
    }
  }

  @Test
  void aTableWithoutAStreamIsRefused() {
    raw.createTable(
        DynamoDbLocal.definition("quiet", "pk", "sk")
            .streamSpecification(s -> s.streamEnabled(false))
            .build());
    try (DynamoDbTable table =
        new DynamoDbTable("quiet", local.client(REGION), local.streams(REGION))) {
      assertThatThrownBy(table::check)
          .isInstanceOf(StalledException.class)
          .hasMessageContaining("no stream");
    }
  }

  @Test
  void aTableThatIsNotThereIsNamed() {
    try (DynamoDbTable table =
        new DynamoDbTable("nowhere", local.client(REGION), local.streams(REGION))) {
      assertThatThrownBy(table::check)
          .isInstanceOf(StalledException.class)
          .hasMessageContaining("DynamoDB table nowhere is not there");
    }
  }

  @Test
  void whatOthersPutThereIsLeftAlone() {
    try (DynamoDbTable table = table()) {
      String name = "muster-" + (tables - 1) + "-state";
      int shard = new Item.Key("west", "job", "bad").shard();
      Map<String, AttributeValue> good = new HashMap<>(Attributes.of(item("west", "bad", 1)));
      Map<String, Map<String, AttributeValue>> planted = new HashMap<>();
      planted.put("another's", with(good, "writer", AttributeValue.fromS("north")));
      planted.put("newer", with(good, "format", AttributeValue.fromN("2")));
      planted.put("no number", with(good, "version", AttributeValue.fromS("x")));
      planted.put("no body", with(good, "body", AttributeValue.fromS("no json")));
      planted.put("no time", with(good, "written_at", AttributeValue.fromS("yesterday")));
      planted.forEach((what, attributes) -> {
        raw.putItem(r -> r.tableName(name).item(attributes));
        SharedTable.Page page = table.read("west", shard, Optional.empty());
        assertThat(page.items()).as(what).isEmpty();
        assertThat(page.unusable()).as(what).hasSize(1);
      });
    }
  }

  private static Map<String, AttributeValue> with(
      Map<String, AttributeValue> attributes, String name, AttributeValue value) {
    Map<String, AttributeValue> changed = new HashMap<>(attributes);
    changed.put(name, value);
    return changed;
  }
}
