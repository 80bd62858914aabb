package dev.muster.agentlink;

import dev.muster.agent.protocol.EnrollRequest;
import dev.muster.agent.protocol.Instruction;
import dev.muster.agent.protocol.LogChunk;
import dev.muster.agent.protocol.Report;
import dev.muster.agent.protocol.ReportReply;
import dev.muster.agent.protocol.SessionGrant;
import dev.muster.agent.protocol.SessionRequest;
import java.time.Duration;
import java.util.Optional;

/** Answers agents. Every answer that grants something is given after it is on disk. */
public interface AgentDesk {
  /** What becomes of a wish to enrol. */
  sealed interface Enrolment {
    record Granted(SessionGrant grant) implements Enrolment {}

    /** The cloud's answer that names the instance is not there yet: ask again in a second. */
    record NotYet() implements Enrolment {}

    /** {@code reason} is for our log alone: who guesses learns nothing from the answer. */
    record Refused(String reason) implements Enrolment {}
  }

  Enrolment enroll(EnrollRequest request);

  /** Who holds {@code credential}, empty where nobody does. */
  Optional<AgentSession> session(String credential);

  /** A new credential after a boot; empty where the session may not be renewed. */
  Optional<SessionGrant> renew(AgentSession session, SessionRequest request);

  /** The next instruction, waited for up to {@code patience}. */
  Optional<Instruction> poll(AgentSession session, Duration patience) throws InterruptedException;

  ReportReply report(AgentSession session, Report report);

  /** Keeps a part of what a runner wrote; a repeat changes nothing. */
  void log(AgentSession session, LogChunk chunk);
}
