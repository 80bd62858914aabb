package dev.muster.kernel.audit;

import dev.muster.kernel.store.Read;
import dev.muster.kernel.store.Row;
import dev.muster.kernel.store.Sealer;
import dev.muster.kernel.store.Tx;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.apache.commons.codec.digest.DigestUtils;

/** The append-only, hash-chained trail. */
public final class AuditLog implements Sealer {
  private final InstantSource clock;

  public AuditLog(InstantSource clock) {
    this.clock = clock;
  }

  /** Adds an entry to the commit that {@code tx} rides in; what is too long is cut. */
  public void add(Tx tx, Actor actor, String action, String object, String detail) {
    addWhole(
        tx,
        new Actor(actor.kind(), cut(actor.name(), 200)),
        action,
        cut(object, 300),
        cut(detail, 4_000));
  }

  private static String cut(String text, int most) {
    return text.length() <= most ? text : text.substring(0, most - 1) + "…";
  }

  private void addWhole(Tx tx, Actor actor, String action, String object, String detail) {
    // The store keeps microseconds; the digest must be of what can be read back.
    Instant at = clock.instant().truncatedTo(ChronoUnit.MICROS);
    int place = tx.seal(digest(at.toString(), actor.toString(), action, object, detail));
    tx.update(
        """
        insert into audit_entry (batch, place, at, actor_kind, actor_name, action, object, detail)
        values (?, ?, ?, ?, ?, ?, ?, ?)
        """,
        tx.batch(),
        place,
        at,
        actor.kind(),
        actor.name(),
        action,
        object,
        detail);
  }

  /**
   * Removes the oldest links whose rows are all from before {@code before}, together with those
   * rows, so that the chain holds at every moment. The hash of the last one removed is kept: the
   * rest of the chain follows from it.
   *
   * @param limit about how many rows; the last link is removed whole
   * @return how many rows were removed
   */
  public static int prune(Tx tx, Instant before, int limit, List<SealedRows> beside) {
    long kept =
        tx.first(
                "select batch from audit_entry where at >= ? order by sequence limit 1",
                row -> row.number("batch"),
                before)
            .orElse(Long.MAX_VALUE);
    for (SealedRows rows : beside) {
      kept = Math.min(kept, rows.firstKept(tx, before));
    }
    List<Span> spans =
        tx.all(
            """
            select batch, entries from audit_batch
            where batch < ? and batch < (select max(batch) from audit_batch)
            order by batch limit ?
            """,
            row -> new Span(row.number("batch"), row.integer("entries")),
            kept,
            limit);
    int rows = 0;
    long last = 0;
    for (Span span : spans) {
      if (rows >= limit) {
        break;
      }
      rows += span.entries();
      last = span.batch();
    }
    if (rows > 0) {
      remove(tx, last, beside);
    }
    return rows;
  }

  private record Span(long batch, int entries) {}

  private static void remove(Tx tx, long last, List<SealedRows> beside) {
    tx.update("delete from audit_anchor");
    tx.update(
        "insert into audit_anchor (batch, hash) select batch, hash from audit_batch where batch = ?",
        last);
    tx.update("delete from audit_entry where batch <= ?", last);
    beside.forEach(rows -> rows.remove(tx, last));
    tx.update("delete from audit_batch where batch <= ?", last);
  }

  /** Entries after {@code since}, oldest first. */
  public static List<AuditEntry> since(Read read, long since, int limit) {
    return read.all(
        "select * from audit_entry where sequence > ? order by sequence limit ?",
        AuditLog::entry,
        since,
        limit);
  }

  /** The newest entries, newest first; {@code before} is exclusive. */
  public static List<AuditEntry> newest(Read read, long before, int limit) {
    return read.all(
        "select * from audit_entry where sequence < ? order by sequence desc limit ?",
        AuditLog::entry,
        before,
        limit);
  }

  @Override
  public long last(Read read) {
    return read.count("select max(batch) n from audit_batch");
  }

  /** The hash of the newest link, in hexadecimal: worth keeping elsewhere. */
  public static Optional<String> head(Read read) {
    return read.first(
        "select hash from audit_batch order by batch desc limit 1",
        row -> HexFormat.of().formatHex(row.bytes("hash")));
  }

  @Override
  public void link(Tx tx, List<byte[]> digests) {
    byte[] previous =
        tx.first(
                "select hash from audit_batch where batch = ?",
                row -> row.bytes("hash"),
                tx.batch() - 1)
            .orElse(new byte[32]);
    byte[] content = contentOf(digests);
    tx.update(
        "insert into audit_batch (batch, entries, content, hash) values (?, ?, ?, ?)",
        tx.batch(),
        digests.size(),
        content,
        chained(tx.batch(), previous, content));
  }

  /** What a check of the chain found. */
  public sealed interface Verdict {
    /** Every link holds; {@code head} is worth keeping elsewhere. */
    record Intact(long batches, long entries, String head) implements Verdict {}

    /** The first link that does not hold. */
    record Broken(long batch, String reason) implements Verdict {}
  }

  /** Rows beside the audit entries that are sealed into commits too. */
  public interface SealedRows {
    /** The digests of this commit's rows, computed anew from what the rows hold now. */
    List<Placed> of(Read read, long batch);

    /** How many rows name a commit outside of {@code first} to {@code last}. */
    long outside(Read read, long first, long last);

    /** The first commit that must stay for rows of here; {@link Long#MAX_VALUE} when none must. */
    long firstKept(Read read, Instant before);

    /** Removes the rows of every commit up to {@code last}. */
    void remove(Tx tx, long last);
  }

  /** A row's digest and its place within its commit. */
  public record Placed(int place, byte[] digest) {}

  /** Recomputes the whole chain from the rows. */
  public Verdict verify(Read read, List<SealedRows> beside) {
    long first = read.count("select min(batch) n from audit_batch");
    long last = last(read);
    long entries = 0;
    byte[] previous = new byte[32];
    if (first > 1) {
      // What retention removed is covered by the link it left behind.
      Optional<byte[]> kept = read.first("select hash from audit_anchor", row -> row.bytes("hash"));
      if (kept.isEmpty()) {
        return new Verdict.Broken(first, "the links before it are gone without an anchor");
      }
      previous = kept.get();
    }
    for (long batch = Math.max(1, first); batch <= last; batch++) {
      Optional<Link> found =
          read.first(
              "select entries, content, hash from audit_batch where batch = ?",
              row -> new Link(row.integer("entries"), row.bytes("content"), row.bytes("hash")),
              batch);
      if (found.isEmpty()) {
        return new Verdict.Broken(batch, "the link is missing");
      }
      Link link = found.get();
      if (!Arrays.equals(link.hash(), chained(batch, previous, link.content()))) {
        return new Verdict.Broken(batch, "its hash does not follow from the link before it");
      }
      List<byte[]> digests = digestsOf(read, batch, beside);
      if (digests.size() != link.entries() || !Arrays.equals(contentOf(digests), link.content())) {
        return new Verdict.Broken(batch, "its rows were changed, removed or added");
      }
      previous = link.hash();
      entries += link.entries();
    }
    long stray =
        read.count("select count(*) n from audit_entry where batch < ? or batch > ?", first, last);
    for (SealedRows rows : beside) {
      stray += rows.outside(read, first, last);
    }
    if (stray > 0) {
      return new Verdict.Broken(last + 1, stray + " rows belong to links that do not exist");
    }
    long batches = last == 0 ? 0 : last - Math.max(1, first) + 1;
    return new Verdict.Intact(batches, entries, HexFormat.of().formatHex(previous));
  }

  private record Link(int entries, byte[] content, byte[] hash) {}

  private static List<byte[]> digestsOf(Read read, long batch, List<SealedRows> beside) {
    List<Placed> rows =
        new ArrayList<>(
            read.all(
                "select * from audit_entry where batch = ?",
                row -> new Placed(row.integer("place"), digestOf(entry(row))),
                batch));
    beside.forEach(sealed -> rows.addAll(sealed.of(read, batch)));
    rows.sort(Comparator.comparingInt(Placed::place));
    return rows.stream().map(Placed::digest).toList();
  }

  private static byte[] digestOf(AuditEntry e) {
    return digest(e.at().toString(), e.actor().toString(), e.action(), e.object(), e.detail());
  }

  private static AuditEntry entry(Row row) {
    return new AuditEntry(
        row.number("sequence"),
        row.instant("at"),
        new Actor(row.text("actor_kind"), row.text("actor_name")),
        row.text("action"),
        row.text("object"),
        row.text("detail"));
  }

  /** SHA-256 over the parts, each led by its length so that no two lists share a digest. */
  public static byte[] digest(String... parts) {
    MessageDigest sha = DigestUtils.getSha256Digest();
    for (String part : parts) {
      byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
      sha.update(intBytes(bytes.length));
      sha.update(bytes);
    }
    return sha.digest();
  }

  private static byte[] contentOf(List<byte[]> digests) {
    MessageDigest sha = DigestUtils.getSha256Digest();
    digests.forEach(sha::update);
    return sha.digest();
  }

  private static byte[] chained(long batch, byte[] previous, byte[] content) {
    MessageDigest sha = DigestUtils.getSha256Digest();
    sha.update(ByteBuffer.allocate(8).putLong(batch).array());
    sha.update(previous);
    sha.update(content);
    return sha.digest();
  }

  private static byte[] intBytes(int n) {
    return ByteBuffer.allocate(4).putInt(n).array();
  }
}
