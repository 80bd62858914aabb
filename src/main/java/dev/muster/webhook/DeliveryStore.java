package dev.muster.webhook;

import dev.muster.kernel.audit.AuditLog;
import dev.muster.kernel.store.Facts;
import dev.muster.kernel.store.Payloads;
import dev.muster.kernel.store.Read;
import dev.muster.kernel.store.Row;
import dev.muster.kernel.store.Tx;
import dev.muster.kernel.tracing.TraceContext;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.commons.codec.digest.DigestUtils;
import org.jspecify.annotations.Nullable;

/** The rows of what was delivered. */
public final class DeliveryStore implements AuditLog.SealedRows {
  /** Compressed bodies up to this many bytes lie in the row, larger ones beside it. */
  private static final int INLINE = 1024 * 1024;

  /** Facts: the last delivery that was taken, and the last whose payload was forgotten. */
  private static final String TAKEN = "inbox.taken";

  private static final String FORGOTTEN = "inbox.forgotten";

  /** Read back at the first arrival. */
  private @Nullable RecentBodies recent;

  /** What is known of a delivery before it has a row; made outside of the transaction. */
  public record Arrival(
      String source,
      String deliveryId,
      String event,
      byte[] bodyHash,
      byte[] compressed,
      int size,
      Instant receivedAt,
      Optional<TraceContext> trace,
      byte[] digest) {
    /**
     * Compresses and hashes in the caller's thread, of which there are many, not in the writer's.
     */
    public static Arrival of(Delivery delivery) {
      byte[] body = delivery.payload();
      byte[] hash = DigestUtils.sha256(body);
      Instant receivedAt = delivery.receivedAt().truncatedTo(ChronoUnit.MICROS);
      return new Arrival(
          delivery.source(),
          delivery.deliveryId(),
          delivery.event(),
          hash,
          Payloads.compress(body),
          body.length,
          receivedAt,
          delivery.trace(),
          AuditLog.digest(
              delivery.source(),
              delivery.deliveryId(),
              delivery.event(),
              HexFormat.of().formatHex(hash),
              receivedAt.toString()));
    }
  }

  /** A delivery as lists show it. */
  public record Summary(
      long id,
      String source,
      String deliveryId,
      String event,
      int size,
      Instant receivedAt,
      String state,
      @Nullable String outcome) {}

  /**
   * Stores an arrival; only ever called from the writer's thread, as whoever has a {@link Tx} is.
   *
   * @return whether it is new; a body that came before changes nothing, whatever id it bears
   */
  public boolean add(Tx tx, Arrival arrival) {
    if (recent == null) {
      recent = recall(tx);
    }
    OptionalLong before = recent.commitOf(arrival.bodyHash());
    if (before.isPresent() && recorded(tx, before.getAsLong(), arrival)) {
      return false;
    }
    insert(tx, arrival);
    recent.note(arrival.bodyHash(), tx.batch());
    tx.seal(arrival.digest());
    return true;
  }

  /** What the process before this one knew; read from the index alone, see docs/adr/0009. */
  private static RecentBodies recall(Read read) {
    RecentBodies recent = new RecentBodies();
    read.first(
            "select batch from delivery where id > (select max(id) from delivery) - ? order by id limit 1",
            row -> row.number("batch"),
            RecentBodies.KEPT)
        .ifPresent(oldest ->
            read.all(
                "select batch, body_hash from delivery where batch >= ? order by batch",
                row -> recent.note(row.bytes("body_hash"), row.number("batch")),
                oldest));
    return recent;
  }

  private static boolean recorded(Read read, long commit, Arrival arrival) {
    return read.first(
            "select 1 from delivery where batch = ? and body_hash = ? and source = ?",
            row -> true,
            commit,
            arrival.bodyHash(),
            arrival.source())
        .isPresent();
  }

  private static void insert(Tx tx, Arrival arrival) {
    boolean large = arrival.compressed().length > INLINE;
    tx.update(
        """
        insert into delivery (batch, place, source, delivery_id, event, body_hash, payload,
          payload_large, size, received_at, traceparent)
        values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
        tx.batch(),
        tx.nextPlace(),
        arrival.source(),
        arrival.deliveryId(),
        arrival.event(),
        arrival.bodyHash(),
        large ? null : arrival.compressed(),
        large ? arrival.compressed() : null,
        arrival.size(),
        arrival.receivedAt(),
        arrival.trace().map(TraceContext::traceparent).orElse(null));
  }

  /** Whether a delivery with this id was recorded, by the sender's own name for it. */
  public static boolean known(Read read, String source, String deliveryId) {
    return read.first(
            "select 1 from delivery where source = ? and delivery_id = ?",
            row -> true,
            source,
            deliveryId)
        .isPresent();
  }

  /** Where a delivery stands in the chain of commits; rises with its number. */
  record Place(long batch, int place) implements Comparable<Place> {
    @Override
    public int compareTo(Place other) {
      int byBatch = Long.compare(batch, other.batch);
      return byBatch != 0 ? byBatch : Integer.compare(place, other.place);
    }
  }

  /** A delivery that waits to be understood. */
  record Waiting(long id, Place place, int size) {}

  /**
   * Those behind {@code taken}, oldest first: as many as make up {@code bytes} of body, at least
   * one and at most {@code limit}.
   */
  static List<Waiting> waiting(Read read, long taken, int limit, long bytes) {
    List<Waiting> all =
        read.all(
            "select id, batch, place, size from delivery where id > ? order by id limit ?",
            row ->
                new Waiting(
                    row.number("id"),
                    new Place(row.number("batch"), row.integer("place")),
                    row.integer("size")),
            taken,
            limit);
    int count = 0;
    long sum = 0;
    for (Waiting waiting : all) {
      sum += waiting.size();
      if (count > 0 && sum > bytes) {
        break;
      }
      count++;
    }
    return all.subList(0, count);
  }

  /** A delivery whose payload is kept, as all are that wait. */
  static Delivery delivery(Read read, long id) {
    return read.first("select * from delivery where id = ?", DeliveryStore::delivery, id)
        .orElseThrow(() -> new IllegalStateException("No delivery has the number " + id));
  }

  /** Deliveries are taken in the order of their numbers: up to this one all have their outcome. */
  static long taken(Read read) {
    return Facts.get(read, TAKEN).map(Long::parseLong).orElse(0L);
  }

  /** What became of a delivery. */
  record Settlement(long id, String state, String outcome) {}

  /** Records what became of the next deliveries, in the order of their numbers. */
  static void settle(Tx tx, List<Settlement> settled) {
    tx.updateEach(
        "insert into delivery_outcome (delivery, state, outcome) values (?, ?, ?)",
        settled.stream()
            .map(s -> new @Nullable Object[] {s.id(), s.state(), cut(s.outcome())})
            .toList());
    Facts.put(tx, TAKEN, Long.toString(settled.getLast().id()));
  }

  private static String cut(String outcome) {
    return outcome.length() <= 500 ? outcome : outcome.substring(0, 500);
  }

  /** A page of deliveries, newest first; {@code before} is exclusive. */
  public static List<Summary> newest(Read read, long before, int limit) {
    return read.all(
        """
        select id, source, delivery_id, event, size, received_at,
          coalesce(state, 'queued') as state, outcome
        from delivery left join delivery_outcome on delivery = id
        where id < ? order by id desc limit ?
        """,
        row ->
            new Summary(
                row.number("id"),
                row.text("source"),
                row.text("delivery_id"),
                row.text("event"),
                row.integer("size"),
                row.instant("received_at"),
                row.text("state"),
                row.textOrNull("outcome")),
        before,
        limit);
  }

  /**
   * Empties up to {@code limit} payloads that arrived before {@code before} and are settled.
   *
   * @return how many were emptied
   */
  public static int forgetPayloads(Tx tx, Instant before, int limit) {
    long forgotten = Facts.get(tx, FORGOTTEN).map(Long::parseLong).orElse(0L);
    List<Long> old =
        tx
            .all(
                """
                select id, received_at from delivery where id > ? and id <= ? order by id limit ?
                """,
                row -> Map.entry(row.number("id"), row.instant("received_at")),
                forgotten,
                taken(tx),
                limit)
            .stream()
            .takeWhile(delivery -> delivery.getValue().isBefore(before)) // they came in this order
            .map(Map.Entry::getKey)
            .toList();
    if (!old.isEmpty()) {
      tx.update(
          "update delivery set payload = null, payload_large = null where id > ? and id <= ?",
          forgotten,
          old.getLast());
      Facts.put(tx, FORGOTTEN, old.getLast().toString());
    }
    return old.size();
  }

  @Override
  public long firstKept(Read read, Instant before) {
    return read.first(
            "select batch from delivery where received_at >= ? or id > ? order by id limit 1",
            row -> row.number("batch"),
            before,
            taken(read))
        .orElse(Long.MAX_VALUE);
  }

  @Override
  public void remove(Tx tx, long last) {
    tx.update(
        """
        delete from delivery_outcome
        where delivery <= (select max(id) from delivery where batch <= ?)
        """,
        last);
    tx.update("delete from delivery where batch <= ?", last);
  }

  @Override
  public List<AuditLog.Placed> of(Read read, long batch) {
    return read.all(
        "select * from delivery where batch = ?",
        row -> new AuditLog.Placed(row.integer("place"), sealOf(row)),
        batch);
  }

  @Override
  public long outside(Read read, long first, long last) {
    return read.count("select count(*) n from delivery where batch < ? or batch > ?", first, last);
  }

  /** The digest of what the row holds now, its payload included while it is kept. */
  private static byte[] sealOf(Row row) {
    byte[] hash = row.bytes("body_hash");
    byte[] payload = payloadOf(row);
    if (payload != null && !holds(payload, hash)) {
      return new byte[32];
    }
    return AuditLog.digest(
        row.text("source"),
        row.text("delivery_id"),
        row.text("event"),
        HexFormat.of().formatHex(hash),
        row.instant("received_at").toString());
  }

  private static boolean holds(byte[] payload, byte[] hash) {
    try {
      return MessageDigest.isEqual(hash, DigestUtils.sha256(Payloads.expand(payload)));
    } catch (IllegalStateException damaged) {
      return false;
    }
  }

  private static byte @Nullable [] payloadOf(Row row) {
    byte[] inline = row.bytesOrNull("payload");
    return inline != null ? inline : row.bytesOrNull("payload_large");
  }

  private static Delivery delivery(Row row) {
    byte[] payload = payloadOf(row);
    if (payload == null) {
      throw new IllegalStateException("Delivery " + row.number("id") + " has no payload");
    }
    return new Delivery(
        row.text("source"),
        row.text("delivery_id"),
        row.text("event"),
        Payloads.expand(payload),
        row.instant("received_at"),
        Optional.ofNullable(row.textOrNull("traceparent")).map(TraceContext::new));
  }
}
