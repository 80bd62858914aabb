package dev.muster.webhook;

import dev.muster.kernel.audit.AuditLog;
import dev.muster.kernel.store.Read;
import dev.muster.kernel.store.Row;
import dev.muster.kernel.store.Tx;
import dev.muster.kernel.tracing.TraceContext;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The rows of what was delivered. */
public final class DeliveryStore implements AuditLog.SealedRows {
  /** Compressed bodies up to this many bytes lie in the row, larger ones beside it. */
  private static final int INLINE = 1024 * 1024;

  /** What is known of a delivery before it has a row; made outside of the transaction. */
  public record Arrival(
      String source,
      String deliveryId,
      String event,
      byte[] bodyHash,
      byte[] compressed,
      int size,
      Instant receivedAt,
      Optional<TraceContext> trace) {
    public static Arrival of(
        String source,
        String deliveryId,
        String event,
        byte[] body,
        Instant at,
        Optional<TraceContext> trace) {
      return new Arrival(
          source,
          deliveryId,
          event,
          sha256(body),
          Payloads.deflate(body),
          body.length,
          at.truncatedTo(ChronoUnit.MICROS),
          trace);
    }

    byte[] digest() {
      return AuditLog.digest(
          source, deliveryId, event, HexFormat.of().formatHex(bodyHash), receivedAt.toString());
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
   * Stores an arrival.
   *
   * @return whether it is new; the same body seen before changes nothing
   */
  public boolean add(Tx tx, Arrival arrival) {
    // Asked first, so that the usual duplicate costs no rollback; the constraint decides.
    if (seen(tx, arrival.source(), arrival.bodyHash())) {
      return false;
    }
    int place = tx.seal(arrival.digest());
    boolean large = arrival.compressed().length > INLINE;
    tx.update(
        """
        insert into delivery (batch, place, seal, source, delivery_id, event, body_hash, payload,
          payload_large, size, received_at, traceparent, state)
        values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'queued')
        """,
        tx.batch(),
        place,
        arrival.digest(),
        arrival.source(),
        arrival.deliveryId(),
        arrival.event(),
        arrival.bodyHash(),
        large ? null : arrival.compressed(),
        large ? arrival.compressed() : null,
        arrival.size(),
        arrival.receivedAt(),
        arrival.trace().map(TraceContext::traceparent).orElse(null));
    return true;
  }

  private static boolean seen(Read read, String source, byte[] bodyHash) {
    return read.first(
            "select 1 from delivery where source = ? and body_hash = ?",
            row -> true,
            source,
            bodyHash)
        .isPresent();
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

  /**
   * What waits to be understood, oldest first: as many as make up {@code bytes} of body, at least
   * one and at most {@code limit}.
   */
  public static List<Delivery> queued(Read read, int limit, long bytes) {
    long last = -1;
    long sum = 0;
    for (Waiting waiting : waiting(read, limit)) {
      sum += waiting.size();
      if (last >= 0 && sum > bytes) {
        break;
      }
      last = waiting.id();
    }
    return read.all(
        "select * from delivery where state = 'queued' and id <= ? order by id",
        DeliveryStore::delivery,
        last);
  }

  private record Waiting(long id, int size) {}

  private static List<Waiting> waiting(Read read, int limit) {
    return read.all(
        "select id, size from delivery where state = 'queued' order by id limit ?",
        row -> new Waiting(row.number("id"), row.integer("size")),
        limit);
  }

  /** Records what became of a delivery. */
  public static void settle(Tx tx, long id, String state, String outcome) {
    tx.update(
        "update delivery set state = ?, outcome = ? where id = ?",
        state,
        outcome.length() <= 500 ? outcome : outcome.substring(0, 500),
        id);
  }

  /** A page of deliveries, newest first; {@code before} is exclusive. */
  public static List<Summary> newest(Read read, long before, int limit) {
    return read.all(
        """
        select id, source, delivery_id, event, size, received_at, state, outcome
        from delivery where id < ? order by id desc limit ?
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
    return tx.update(
        """
        update delivery set payload = null, payload_large = null
        where id in (select id from delivery
          where received_at < ? and state <> 'queued'
            and (payload is not null or payload_large is not null)
          order by id limit ?)
        """,
        before,
        limit);
  }

  @Override
  public long firstKept(Read read, Instant before) {
    return read.count(
        """
        select coalesce(min(batch), 9223372036854775807) n from delivery
        where received_at >= ? or state = 'queued'
        """,
        before);
  }

  @Override
  public void remove(Tx tx, long last) {
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
      return MessageDigest.isEqual(hash, sha256(Payloads.inflate(payload)));
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
        row.number("id"),
        row.text("source"),
        row.text("delivery_id"),
        row.text("event"),
        Payloads.inflate(payload),
        row.instant("received_at"),
        Optional.ofNullable(row.textOrNull("traceparent")).map(TraceContext::new));
  }

  private static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java has SHA-256", e);
    }
  }
}
