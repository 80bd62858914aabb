package dev.muster.agent.common;

import dev.muster.agent.protocol.EnrollRequest;
import dev.muster.agent.protocol.Instruction;
import dev.muster.agent.protocol.LogChunk;
import dev.muster.agent.protocol.Report;
import dev.muster.agent.protocol.ReportReply;
import dev.muster.agent.protocol.Secret;
import dev.muster.agent.protocol.SessionGrant;
import dev.muster.agent.protocol.SessionRequest;
import java.time.Duration;
import java.util.Optional;

/**
 * The calls to the appliance. Each one is tried once and returns within a bounded time.
 *
 * <p>Every call throws {@link LinkDown} when trying again may help (no connection, server trouble,
 * an answer that cannot be read) and {@link Refused} when it will not.
 */
public interface ApplianceLink {
  SessionGrant enroll(EnrollRequest request);

  SessionGrant rotate(Secret session, SessionRequest request);

  /** Empty when there was nothing to do within {@code wait}. */
  Optional<Instruction> poll(Secret session, Duration wait);

  ReportReply report(Secret bearer, Report report);

  void log(Secret bearer, LogChunk chunk);

  /** The appliance is away or in trouble: try again later. */
  final class LinkDown extends RuntimeException {
    LinkDown(String message) {
      super(message);
    }

    LinkDown(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /** The appliance said no. */
  final class Refused extends RuntimeException {
    private final int status;

    Refused(int status, String message) {
      super(message);
      this.status = status;
    }

    /** Whether the credential is the reason: unknown, expired, used up or someone else's. */
    boolean credentialUnknown() {
      return status == 401;
    }
  }
}
