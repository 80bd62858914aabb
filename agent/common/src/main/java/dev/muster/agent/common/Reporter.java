package dev.muster.agent.common;

import dev.muster.agent.common.ApplianceLink.LinkDown;
import dev.muster.agent.common.ApplianceLink.Refused;
import dev.muster.agent.protocol.Report;
import dev.muster.agent.protocol.ReportReply;
import dev.muster.agent.protocol.Secret;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Sends a job's reports in order, from a thread of its own, each until it is taken. What the
 * appliance has not heard waits; only heartbeats are left out meanwhile, because they say nothing
 * that a later one does not.
 */
final class Reporter implements AutoCloseable {
  private final ApplianceLink link;
  private final Secret token;
  private final AgentTime time;
  private final Backoff backoff;
  private final Consumer<String> onStop;
  private final Consumer<String> log;
  private final Deque<Report> waiting = new ArrayDeque<>();
  private @Nullable Thread sender;
  private boolean forgotten;

  /**
   * @param onStop called with the reason when the appliance asks for the job's end
   */
  Reporter(
      ApplianceLink link,
      Secret token,
      AgentTime time,
      Backoff backoff,
      Consumer<String> onStop,
      Consumer<String> log) {
    this.link = link;
    this.token = token;
    this.time = time;
    this.backoff = backoff;
    this.onStop = onStop;
    this.log = log;
  }

  synchronized void start() {
    sender = Thread.ofPlatform().daemon().name("reporter").start(this::sendAll);
  }

  synchronized void send(Report report) {
    if (!forgotten) {
      waiting.add(report);
      notifyAll();
    }
  }

  /** Sends the report only if nothing else waits; the supplier is not asked otherwise. */
  synchronized void sendIfIdle(Supplier<Report> report) {
    if (waiting.isEmpty()) {
      send(report.get());
    }
  }

  /** Waits until everything is taken; false when {@code most} was not enough. */
  synchronized boolean flush(Duration most) throws InterruptedException {
    Duration end = time.elapsed().plus(most);
    while (!waiting.isEmpty()) {
      Duration left = end.minus(time.elapsed());
      if (!left.isPositive()) {
        return false;
      }
      wait(Math.max(1, left.toMillis()));
    }
    return true;
  }

  @Override
  public synchronized void close() {
    if (sender != null) {
      sender.interrupt();
    }
  }

  private void sendAll() {
    try {
      while (true) {
        Report report = head();
        try {
          ReportReply reply = link.report(token, report);
          backoff.reset();
          taken();
          if (reply.stop()) {
            onStop.accept(reply.reason() == null ? "the appliance asked" : reply.reason());
          }
        } catch (LinkDown e) {
          time.sleep(backoff.next());
        } catch (Refused e) {
          log.accept("report %s: %s".formatted(report.phase(), e.getMessage()));
          refused(e);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized Report head() throws InterruptedException {
    while (waiting.isEmpty()) {
      wait();
    }
    return waiting.getFirst();
  }

  private synchronized void taken() {
    waiting.removeFirst();
    notifyAll();
  }

  /** An unknown token stays unknown: the job goes on, unheard. Anything else costs one report. */
  private synchronized void refused(Refused refusal) {
    if (refusal.credentialUnknown()) {
      forgotten = true;
      waiting.clear();
    } else {
      waiting.removeFirst();
    }
    notifyAll();
  }
}
