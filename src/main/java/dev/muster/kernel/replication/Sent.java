package dev.muster.kernel.replication;

import dev.muster.kernel.store.Read;
import dev.muster.kernel.store.Tx;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.apache.commons.codec.digest.DigestUtils;
import org.jspecify.annotations.Nullable;

/** The rows of what the shared table has of this region's own, so that nothing is written twice. */
public final class Sent {
  private Sent() {}

  /** How an aggregate stands in the table. */
  record Known(long generation, long version, byte[] hash) {
    boolean same(byte[] other) {
      return MessageDigest.isEqual(hash, other);
    }
  }

  static Optional<Known> find(Read read, String environment, String kind, String name) {
    return read.first(
        """
        select generation, version, hash from replica_sent
        where environment = ? and kind = ? and name = ?
        """,
        row -> new Known(row.number("generation"), row.number("version"), row.bytes("hash")),
        environment,
        kind,
        name);
  }

  /** All names of a kind. */
  static List<String> names(Read read, String environment, String kind) {
    return read.all(
        "select name from replica_sent where environment = ? and kind = ?",
        row -> row.text("name"),
        environment,
        kind);
  }

  static void keep(Tx tx, String environment, List<Item> items) {
    tx.updateEach(
        """
        merge into replica_sent (environment, kind, name, generation, version, hash, expires_at)
        key (environment, kind, name) values (?, ?, ?, ?, ?, ?, ?)
        """,
        items.stream()
            .map(item ->
                new @Nullable Object[] {
                  environment,
                  item.key().kind(),
                  item.key().name(),
                  item.generation(),
                  item.version(),
                  hash(item.deleted(), item.body()),
                  item.expires().orElse(null)
                })
            .toList());
  }

  /** Forgets up to {@code limit} that the table forgets too. */
  public static int remove(Tx tx, Instant now, int limit) {
    return tx.update(
        "delete from replica_sent where expires_at < ? fetch first ? rows only", now, limit);
  }

  static byte[] hash(boolean deleted, String body) {
    MessageDigest sha = DigestUtils.getSha256Digest();
    sha.update((byte) (deleted ? 1 : 0));
    return sha.digest(body.getBytes(StandardCharsets.UTF_8));
  }
}
