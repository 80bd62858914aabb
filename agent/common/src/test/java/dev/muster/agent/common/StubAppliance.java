package dev.muster.agent.common;

import dev.muster.agent.protocol.EnrollRequest;
import dev.muster.agent.protocol.Instruction;
import dev.muster.agent.protocol.LogChunk;
import dev.muster.agent.protocol.Phase;
import dev.muster.agent.protocol.Report;
import dev.muster.agent.protocol.ReportReply;
import dev.muster.agent.protocol.RunnerRelease;
import dev.muster.agent.protocol.Secret;
import dev.muster.agent.protocol.SessionGrant;
import dev.muster.agent.protocol.SessionRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** The appliance's end, which can be away, refuse, and tell what it heard. */
public final class StubAppliance implements ApplianceLink {
  /** What was sent, by whom. */
  public record Heard(Secret bearer, Report report) {}

  public final Queue<Instruction> instructions = new ConcurrentLinkedQueue<>();
  public final List<EnrollRequest> enrolled = new ArrayList<>();
  public final List<Secret> rotated = new ArrayList<>();
  public final LinkedBlockingQueue<Heard> heard = new LinkedBlockingQueue<>();
  public volatile boolean away;
  public volatile int refuseSessions;
  public volatile int refuseEnrolment;

  /** From this phase on the appliance is away, until someone brings it back. */
  public volatile @Nullable Phase leavesBefore;

  /** The GitHub runner that it wants machines to have. */
  public volatile @Nullable RunnerRelease release;

  /** What came as a runner's output. */
  public final LinkedBlockingQueue<LogChunk> chunks = new LinkedBlockingQueue<>();

  /** Also away while this holds, which is asked at each call. */
  public volatile BooleanSupplier awayWhile = () -> false;

  private int sessions;

  @Override
  public SessionGrant enroll(EnrollRequest request) {
    answer(refuseEnrolment);
    enrolled.add(request);
    return grant();
  }

  @Override
  public SessionGrant rotate(Secret session, SessionRequest request) {
    answer(refuseSessions);
    rotated.add(session);
    return grant();
  }

  @Override
  public Optional<Instruction> poll(Secret session, Duration wait) {
    answer(0);
    return Optional.ofNullable(instructions.poll());
  }

  @Override
  public ReportReply report(Secret bearer, Report report) {
    if (report.phase() == leavesBefore) {
      leavesBefore = null;
      away = true;
    }
    answer(0);
    heard.add(new Heard(bearer, report));
    return new ReportReply(false, null);
  }

  @Override
  public void log(Secret bearer, LogChunk chunk) {
    answer(0);
    chunks.add(chunk);
  }

  /** The reports up to and with this phase. */
  public List<Report> hear(Phase last) throws InterruptedException {
    List<Report> reports = new ArrayList<>();
    while (true) {
      Heard next = heard.poll(10, TimeUnit.SECONDS);
      if (next == null) {
        throw new AssertionError("no report of " + last + ", only " + reports);
      }
      reports.add(next.report());
      if (next.report().phase() == last) {
        return reports;
      }
    }
  }

  private SessionGrant grant() {
    sessions++;
    return new SessionGrant(
        "r-1",
        new Secret("session-" + sessions),
        Duration.ofSeconds(1),
        Duration.ofSeconds(1),
        release);
  }

  private void answer(int refusal) {
    if (away || awayWhile.getAsBoolean()) {
      throw new LinkDown("the appliance is away");
    }
    if (refusal != 0) {
      throw new Refused(refusal, "answered " + refusal);
    }
  }
}
