package dev.muster.agent.common;

import dev.muster.agent.common.ApplianceLink.LinkDown;
import dev.muster.agent.common.ApplianceLink.Refused;
import dev.muster.agent.protocol.LogChunk;
import dev.muster.agent.protocol.Secret;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Sends a job's output on in chunks, from a thread of its own, for whoever looks at the runner
 * while it works or after it has gone. Best effort: what the appliance does not take in time is
 * left out, with a note; the job never waits for it.
 */
final class LogShipper implements Mask.Sink, AutoCloseable {
  /** The most that one machine ships; a log that is longer is in the job's own at GitHub. */
  static final int MOST = 1024 * 1024;

  /** What waits for an appliance that is away. */
  private static final int BUFFER = 64 * 1024;

  /** Output comes in drops; a chunk waits this long for more. */
  private static final Duration GATHER = Duration.ofSeconds(2);

  private static final Duration LAST_FLUSH = Duration.ofSeconds(5);

  private final ApplianceLink link;
  private final Secret token;
  private final Sequence sequence;
  private final AgentTime time;
  private final Backoff backoff;
  private final Consumer<String> log;
  private final ByteArrayOutputStream waiting = new ByteArrayOutputStream();
  private long leftOut;
  private int accepted;
  private boolean sending;
  private boolean closing;
  private boolean done;
  private @Nullable Thread sender;

  LogShipper(
      ApplianceLink link,
      Secret token,
      Sequence sequence,
      AgentTime time,
      Backoff backoff,
      Consumer<String> log) {
    this.link = link;
    this.token = token;
    this.sequence = sequence;
    this.time = time;
    this.backoff = backoff;
    this.log = log;
  }

  synchronized void start() {
    sender = Thread.ofPlatform().daemon().name("log").start(this::sendAll);
  }

  @Override
  public synchronized void add(byte[] buffer, int from, int length) {
    if (done || closing || length == 0) {
      return;
    }
    int taken = Math.min(Math.min(length, BUFFER - waiting.size()), MOST - accepted);
    waiting.write(buffer, from, taken);
    accepted += taken;
    leftOut += length - taken;
    notifyAll();
  }

  /** Sends what is left, for at most five seconds; no more is taken. */
  @Override
  public synchronized void flush() throws InterruptedException {
    closing = true;
    notifyAll();
    long end = System.nanoTime() + LAST_FLUSH.toNanos();
    while (sending || (!done && (waiting.size() > 0 || leftOut > 0))) {
      if (millisUntil(end) <= 0) {
        return;
      }
      wait(Math.max(1, millisUntil(end)));
    }
  }

  @Override
  public synchronized void close() {
    done = true;
    if (sender != null) {
      sender.interrupt();
    }
  }

  private void sendAll() {
    try {
      for (String text = next(); text != null; text = next()) {
        ship(new LogChunk(sequence.next(), text));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void ship(LogChunk chunk) throws InterruptedException {
    while (true) {
      try {
        link.log(token, chunk);
        backoff.reset();
        sent();
        return;
      } catch (LinkDown e) {
        time.sleep(backoff.next());
      } catch (Refused e) {
        log.accept("log: " + e.getMessage());
        end();
        return;
      }
    }
  }

  /** The next chunk's text, once there is enough or no more comes; null at the end. */
  private synchronized @Nullable String next() throws InterruptedException {
    while (waiting.size() == 0 && leftOut == 0) {
      if (done || closing) {
        return null;
      }
      wait();
    }
    long end = System.nanoTime() + GATHER.toNanos();
    while (!closing && waiting.size() < LogChunk.LONGEST && millisUntil(end) > 0) {
      wait(Math.max(1, millisUntil(end)));
    }
    sending = true;
    byte[] bytes = waiting.toByteArray();
    int length = whole(bytes, Math.min(bytes.length, LogChunk.LONGEST - 100));
    waiting.reset();
    waiting.writeBytes(Arrays.copyOfRange(bytes, length, bytes.length));
    String text = new String(bytes, 0, length, StandardCharsets.UTF_8);
    if (waiting.size() == 0 && leftOut > 0) {
      text += "\n[%d bytes of output are left out here]\n".formatted(leftOut);
      leftOut = 0;
      done = accepted >= MOST;
    }
    return text;
  }

  private static long millisUntil(long nanoTime) {
    return Math.ceilDiv(nanoTime - System.nanoTime(), 1_000_000L);
  }

  /** As much as ends with a character, so that none is torn apart between two chunks. */
  private static int whole(byte[] bytes, int length) {
    if (length == bytes.length) {
      return length;
    }
    int end = length;
    while (end > 0 && (bytes[end] & 0xC0) == 0x80) {
      end--;
    }
    return end == 0 ? length : end;
  }

  private synchronized void sent() {
    sending = false;
    notifyAll();
  }

  private synchronized void end() {
    sending = false;
    done = true;
    waiting.reset();
    leftOut = 0;
    notifyAll();
  }
}
