package dev.muster.fleet.runner;

import dev.muster.agentlink.AgentSession;
import dev.muster.kernel.store.Database;
import dev.muster.kernel.store.Read;
import dev.muster.kernel.store.Tx;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Base64;
import java.util.Optional;
import org.apache.commons.codec.digest.DigestUtils;

/** The agents' credentials, of which only hashes are stored. */
final class Credentials {
  private final SecureRandom random = new SecureRandom();

  /** A new credential: 256 random bits. */
  String make() {
    byte[] bytes = new byte[32];
    random.nextBytes(bytes);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  /** Gives a runner its first session. */
  static void open(Tx tx, RunnerId id, String session, String boot) {
    tx.update(
        "update runner set session_hash = ?, boot = ? where id = ?",
        DigestUtils.sha256(session),
        boot,
        id.value());
  }

  /** Replaces the session; the old one stays good until {@code until} or the new one is used. */
  static void rotate(Tx tx, RunnerId id, String session, String boot, Instant until) {
    tx.update(
        """
        update runner set previous_session_hash = session_hash, previous_session_until = ?,
          session_hash = ?, boot = ?, report_sequence = 0
        where id = ?
        """,
        until,
        DigestUtils.sha256(session),
        boot,
        id.value());
  }

  /** The new session was used, so the one before it ends. */
  static void forgetPrevious(Tx tx, RunnerId id) {
    tx.update(
        """
        update runner set previous_session_hash = null, previous_session_until = null where id = ?
        """,
        id.value());
  }

  /** The credential for reports that goes out with an assignment. */
  static void allowReports(Tx tx, RunnerId id, String token) {
    tx.update(
        "update runner set report_hash = ? where id = ?", DigestUtils.sha256(token), id.value());
  }

  /** A job's code is about to run beside the agent: from now on only reports. */
  static void cutDown(Tx tx, RunnerId id) {
    tx.update(
        """
        update runner set session_hash = null, previous_session_hash = null,
          previous_session_until = null
        where id = ?
        """,
        id.value());
  }

  /** A session and whether it is the one before the newest. */
  record Known(AgentSession session, boolean previous, boolean hasPrevious) {}

  static Optional<Known> find(Read read, String credential, Instant now) {
    byte[] hash = DigestUtils.sha256(credential);
    return read.first(
            """
            select id, previous_session_hash is not null as has_previous
            from runner where session_hash = ?
            """,
            row ->
                new Known(
                    new AgentSession(row.text("id"), AgentSession.Scope.FULL),
                    false,
                    row.flag("has_previous")),
            hash)
        .or(() ->
            read.first(
                """
                select id from runner
                where previous_session_hash = ? and previous_session_until > ?
                """,
                row ->
                    new Known(
                        new AgentSession(row.text("id"), AgentSession.Scope.FULL), true, true),
                hash,
                now))
        .or(() ->
            read.first(
                "select id from runner where report_hash = ?",
                row ->
                    new Known(
                        new AgentSession(row.text("id"), AgentSession.Scope.REPORT), false, false),
                hash));
  }

  /** Whether its agent has its assignment, so that it holds the credential for reports alone. */
  static boolean reporting(Database database, RunnerId id) {
    return database.read(read ->
        read.first(
                """
                select 1 from runner
                where id = ? and report_hash is not null and session_hash is null
                """,
                row -> true,
                id.value())
            .isPresent());
  }

  static boolean enrolled(Read read, RunnerId id) {
    return read.first(
            "select 1 from runner where id = ? and boot is not null", row -> true, id.value())
        .isPresent();
  }
}
