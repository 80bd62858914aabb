package dev.muster.kernel.replication.aws;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.muster.kernel.replication.Item;
import dev.muster.kernel.replication.Lease;
import dev.muster.kernel.replication.SharedTable;
import dev.muster.kernel.replication.SharedTable.Unusable;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * Items and leases as DynamoDB has them. What comes back is checked as anything from outside: a
 * table may hold what another program, or a newer one of ours, put there.
 */
final class Attributes {
  static final String LEASES = "leases";

  private static final ObjectMapper JSON = new ObjectMapper();

  private static final Pattern PARTITION = Pattern.compile("(?<writer>[^#]+)#(?<shard>[0-9]{2})");
  private static final Pattern NAME = Pattern.compile("(?<kind>[a-z_]{1,30})#(?<name>.{1,600})");

  private Attributes() {}

  /** What attributes are. */
  sealed interface Read {
    record OfItem(Item item) implements Read {}

    record OfLease(Lease lease) implements Read {}

    record Bad(Unusable why) implements Read {}

    /** The table's own marker. */
    record Other() implements Read {}
  }

  static String partition(String writer, int shard) {
    return writer + (shard < 10 ? "#0" : "#") + shard;
  }

  static Map<String, AttributeValue> of(Item item) {
    Map<String, AttributeValue> attributes = new HashMap<>();
    Item.Key key = item.key();
    attributes.put("pk", text(partition(key.writer(), key.shard())));
    attributes.put("sk", text(key.kind() + "#" + key.name()));
    attributes.put("format", number(SharedTable.FORMAT));
    attributes.put("writer", text(key.writer()));
    attributes.put("generation", number(item.generation()));
    attributes.put("version", number(item.version()));
    attributes.put("written_at", text(item.writtenAt().toString()));
    attributes.put("body", text(item.body()));
    schedules(item).ifPresent(array -> attributes.put("schedules", text(array)));
    if (item.deleted()) {
      attributes.put("deleted", AttributeValue.fromBool(true));
    }
    item.expires().ifPresent(at -> attributes.put("expires_at", number(at.getEpochSecond())));
    return attributes;
  }

  /**
   * A pool's schedules are an attribute of their own too, as programs that read runs-fleet's tables
   * look for them; it is never read back.
   */
  private static Optional<String> schedules(Item item) {
    if (!item.key().kind().equals("pool") || item.deleted()) {
      return Optional.empty();
    }
    try {
      return Optional.of(JSON.readTree(item.body()).path("schedules"))
          .filter(JsonNode::isArray)
          .map(JsonNode::toString);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("A body of ours is always JSON", e);
    }
  }

  static Map<String, AttributeValue> of(Lease lease) {
    Map<String, AttributeValue> attributes = new HashMap<>();
    attributes.put("pk", text(LEASES));
    attributes.put("sk", text(lease.region()));
    attributes.put("format", number(SharedTable.FORMAT));
    attributes.put("holder", text(lease.holder()));
    attributes.put("generation", number(lease.generation()));
    attributes.put("body", text(lease.json()));
    return attributes;
  }

  static boolean sameKey(Map<String, AttributeValue> attributes, Item item) {
    Map<String, AttributeValue> own = of(item);
    return text(attributes, "pk").equals(text(own, "pk"))
        && text(attributes, "sk").equals(text(own, "sk"));
  }

  static Read read(Map<String, AttributeValue> attributes) {
    String pk = text(attributes, "pk").orElse("");
    String sk = text(attributes, "sk").orElse("");
    if (pk.equals("format")) {
      return new Read.Other();
    }
    try {
      long format = number(attributes, "format").orElse(0L);
      if (format != SharedTable.FORMAT) {
        throw new IllegalArgumentException(
            "it is in format %d, and this program knows %d".formatted(format, SharedTable.FORMAT));
      }
      return pk.equals(LEASES)
          ? new Read.OfLease(lease(attributes, sk))
          : new Read.OfItem(item(attributes, pk, sk));
    } catch (RuntimeException e) {
      return new Read.Bad(new Unusable(pk + " " + sk, String.valueOf(e.getMessage())));
    }
  }

  private static Lease lease(Map<String, AttributeValue> attributes, String sk) {
    Lease lease = Lease.parse(needed(attributes, "body"));
    if (!lease.region().equals(sk)) {
      throw new IllegalArgumentException(
          "it is the lease of %s under the key of another".formatted(lease.region()));
    }
    return lease;
  }

  private static Item item(Map<String, AttributeValue> attributes, String pk, String sk) {
    Matcher partition = matched(PARTITION, pk);
    Matcher name = matched(NAME, sk);
    Item.Key key = new Item.Key(partition.group("writer"), name.group("kind"), name.group("name"));
    String writer = needed(attributes, "writer");
    if (!writer.equals(key.writer())) {
      throw new IllegalArgumentException("%s wrote it under another's key".formatted(writer));
    }
    if (!partition(key.writer(), key.shard()).equals(pk)) {
      throw new IllegalArgumentException("it lies in another shard than its key says");
    }
    String body = needed(attributes, "body");
    if (body.length() > Item.LARGEST_BODY || !body.startsWith("{")) {
      throw new IllegalArgumentException("its body is no JSON object of bearable size");
    }
    return new Item(
        key,
        neededNumber(attributes, "generation"),
        neededNumber(attributes, "version"),
        Instant.parse(needed(attributes, "written_at")),
        attributes.containsKey("deleted"),
        number(attributes, "expires_at").map(Instant::ofEpochSecond),
        body);
  }

  private static Matcher matched(Pattern pattern, String text) {
    Matcher matcher = pattern.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException("its key is not one of ours");
    }
    return matcher;
  }

  private static String needed(Map<String, AttributeValue> attributes, String name) {
    return text(attributes, name)
        .orElseThrow(() -> new IllegalArgumentException("it has no text " + name));
  }

  private static long neededNumber(Map<String, AttributeValue> attributes, String name) {
    return number(attributes, name)
        .orElseThrow(() -> new IllegalArgumentException("it has no number " + name));
  }

  static AttributeValue text(String value) {
    return AttributeValue.fromS(value);
  }

  static AttributeValue number(long value) {
    return AttributeValue.fromN(Long.toString(value));
  }

  static Optional<String> text(Map<String, AttributeValue> attributes, String name) {
    return Optional.ofNullable(attributes.get(name)).map(AttributeValue::s);
  }

  static Optional<Long> number(Map<String, AttributeValue> attributes, String name) {
    return Optional.ofNullable(attributes.get(name)).map(AttributeValue::n).map(Long::parseLong);
  }
}
