package dev.muster.kernel.access;

import dev.muster.kernel.store.Read;
import dev.muster.kernel.store.Tx;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.apache.commons.codec.digest.DigestUtils;
import org.jspecify.annotations.Nullable;

/** The rows of tokens. A token is 256 random bits behind a mark by which scanners know it. */
public final class Tokens {
  /** Every token begins so. */
  public static final String MARK = "muster_";

  private final SecureRandom random = new SecureRandom();

  /**
   * A token as it is listed.
   *
   * @param environment the one that it is good for; empty for all
   * @param revokedAt empty while it is good
   */
  public record Listed(
      String id,
      String name,
      Role role,
      Optional<String> environment,
      Instant createdAt,
      Optional<Instant> revokedAt) {}

  /** A new token: the only time that its value is known. */
  public record Created(String id, String value) {
    @Override
    public String toString() {
      return "Created[" + id + "]";
    }
  }

  /** A token that is good for every environment. */
  public Created create(Tx tx, String name, Role role, Instant now) {
    return create(tx, name, role, Optional.empty(), now);
  }

  /**
   * A token.
   *
   * @param environment the one that it is good for; a push changes them all, so that no token of
   *     that role can be
   */
  public Created create(Tx tx, String name, Role role, Optional<String> environment, Instant now) {
    if (environment.isPresent() && role == Role.PUSH) {
      throw new IllegalArgumentException("a push concerns every environment");
    }
    byte[] secret = new byte[32];
    random.nextBytes(secret);
    String value = MARK + Base64.getUrlEncoder().withoutPadding().encodeToString(secret);
    byte[] hash = DigestUtils.sha256(value);
    String id = "t-" + HexFormat.of().formatHex(hash, 0, 5);
    tx.update(
        """
        insert into token (id, name, role, hash, created_at, environment) values (?, ?, ?, ?, ?, ?)
        """,
        id,
        name,
        role,
        hash,
        now,
        environment.orElse(null));
    return new Created(id, value);
  }

  public static List<Listed> list(Read read) {
    return read.all(
        "select * from token order by created_at desc",
        row ->
            new Listed(
                row.text("id"),
                row.text("name"),
                Role.valueOf(row.text("role")),
                Optional.ofNullable(row.textOrNull("environment")),
                row.instant("created_at"),
                Optional.ofNullable(row.instantOrNull("revoked_at"))));
  }

  /** Ends a token for good; false where there is no such token that is good. */
  public static boolean revoke(Tx tx, String id, Instant now) {
    return tx.update("update token set revoked_at = ? where id = ? and revoked_at is null", now, id)
        > 0;
  }

  /** Whose token this is. Only its hash is compared, so the time taken says nothing of it. */
  public static Optional<Principal> find(Read read, String value) {
    return read.first(
        "select id, name, role, environment from token where hash = ? and revoked_at is null",
        row ->
            new Principal(
                row.text("id"),
                row.text("name"),
                Role.valueOf(row.text("role")),
                Optional.ofNullable(row.textOrNull("environment"))),
        DigestUtils.sha256(value));
  }

  /** Whether any admin token is good for everything. */
  public static boolean anyAdmin(Read read) {
    return read.count(
            """
            select count(*) n from token
            where role = 'ADMIN' and environment is null and revoked_at is null
            """)
        > 0;
  }

  /**
   * The token in an {@code Authorization} header: a Bearer's value, or the password of Basic (git).
   */
  public static Optional<String> fromHeader(@Nullable String header) {
    if (header == null || header.length() > 1_000) {
      return Optional.empty();
    }
    if (header.regionMatches(true, 0, "Bearer ", 0, 7)) {
      return Optional.of(header.substring(7).strip());
    }
    if (header.regionMatches(true, 0, "Basic ", 0, 6)) {
      try {
        String pair =
            new String(
                Base64.getDecoder().decode(header.substring(6).strip()), StandardCharsets.UTF_8);
        int colon = pair.indexOf(':');
        return colon < 0 ? Optional.empty() : Optional.of(pair.substring(colon + 1));
      } catch (IllegalArgumentException e) {
        return Optional.empty();
      }
    }
    return Optional.empty();
  }
}
