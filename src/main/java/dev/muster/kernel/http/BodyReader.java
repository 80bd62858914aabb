package dev.muster.kernel.http;

import io.helidon.common.buffers.DataReader;
import io.helidon.webserver.http.ServerRequest;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Reads request bodies within bounds: of size, of time, and of memory that all bodies under way may
 * take together, so that a burst meets 429 rather than a full heap. Small bodies have a share of
 * their own: whoever sends large ones slowly (which needs no signature) holds up no usual delivery.
 */
public final class BodyReader {
  /** The code of a body whose end cannot be found. */
  static final String MALFORMED = "malformed_body";

  /** A permit stands for this many bytes. */
  private static final int UNIT = 64 * 1024;

  /** Bodies up to this many bytes count as small; GitHub's are a few ten thousand. */
  private static final int SMALL = 1024 * 1024;

  /** Bytes that are dropped at a time. */
  private static final int PART = 16 * 1024;

  private static final Duration WAIT_FOR_MEMORY = Duration.ofSeconds(2);

  private final Semaphore small;
  private final Semaphore large;
  private final Duration patience;
  private final InstantSource clock;

  /**
   * With bounds for all bodies.
   *
   * @param totalBytes what all bodies under way may take together: a third for small ones
   * @param patience how long a body may take to arrive
   */
  public BodyReader(int totalBytes, Duration patience, InstantSource clock) {
    this.small = new Semaphore(totalBytes / 3 / UNIT);
    this.large = new Semaphore(totalBytes / 3 * 2 / UNIT);
    this.patience = patience;
    this.clock = clock;
  }

  /** A body and the memory it holds until closed. */
  public final class Body implements AutoCloseable {
    private byte[] bytes = {};
    private int length;
    private int smallPermits;
    private int largePermits;

    /** The whole body; the caller must not change it. */
    public byte[] bytes() {
      return bytes;
    }

    /** Reads what there is into the room that is left, which must be some. */
    private int readFrom(InputStream in) throws IOException {
      int n = in.read(bytes, length, bytes.length - length);
      length += Math.max(0, n);
      return n;
    }

    private void append(int single) {
      bytes[length++] = (byte) single;
    }

    private boolean full() {
      return length == bytes.length;
    }

    /**
     * Makes room step by step. A body that turns out large gets its whole room at once, so that two
     * of them cannot each wait for the other.
     */
    private void grow(long most) {
      long room = length >= SMALL ? most : Math.clamp(2L * length, UNIT, SMALL);
      long exact = Math.max(length + 1, Math.min(room, most));
      reserve(exact);
      bytes = Arrays.copyOf(bytes, Math.toIntExact(exact));
    }

    private void reserve(long size) {
      int units = (int) ((size + UNIT - 1) / UNIT);
      if (size <= SMALL) {
        take(small, units - smallPermits);
        smallPermits = units;
      } else {
        take(large, units);
        largePermits = units;
        small.release(smallPermits);
        smallPermits = 0;
      }
    }

    private void trim() {
      bytes = length == bytes.length ? bytes : Arrays.copyOf(bytes, length);
    }

    @Override
    public void close() {
      small.release(smallPermits);
      large.release(largePermits);
      smallPermits = 0;
      largePermits = 0;
      bytes = new byte[0];
    }
  }

  private static void take(Semaphore memory, int units) {
    if (units <= 0) {
      return;
    }
    try {
      if (!memory.tryAcquire(units, WAIT_FOR_MEMORY.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new HttpProblem(
            new ErrorBody(429, "busy", "Too many bodies arrive at once", "Send it again shortly"),
            5);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new HttpProblem(new ErrorBody(503, "stopping", "The appliance is stopping"), 10);
    }
  }

  /**
   * Reads the whole body.
   *
   * @throws HttpProblem 413 beyond {@code limit} bytes, 408 when it takes too long, 429 when too
   *     much is under way, 400 when the sender went away or its chunks make no sense
   */
  public Body read(ServerRequest request, int limit) {
    long announced = request.headers().contentLength().orElse(-1);
    Body body = new Body();
    if (!request.content().hasEntity()) {
      return body;
    }
    Instant deadline = clock.instant().plus(patience);
    // The stream is left open where the body is refused: to close it would wait for its end.
    InputStream in = request.content().inputStream();
    try {
      if (announced > limit) {
        throw tooLarge(limit);
      }
      fill(body, in, limit, announced < 0 ? limit : announced, deadline);
      return body;
    } catch (HttpProblem e) {
      body.close();
      drain(in, limit, deadline);
      throw e;
    } catch (IOException | DataReader.InsufficientDataAvailableException e) {
      body.close();
      throw new HttpProblem(new ErrorBody(400, "cut_short", "The body ended before its end"));
    } catch (IllegalArgumentException e) {
      body.close();
      throw new HttpProblem(new ErrorBody(400, MALFORMED, "The body's chunks are malformed"));
    } catch (RuntimeException | Error e) {
      body.close();
      throw e;
    }
  }

  private void fill(Body body, InputStream in, int limit, long most, Instant deadline)
      throws IOException {
    // A byte of its own where there is no room: what was only announced must hold no memory, and
    // the last read finds the end.
    while (body.full() ? more(body, in, limit, most) : body.readFrom(in) >= 0) {
      if (clock.instant().isAfter(deadline)) {
        throw new HttpProblem(
            new ErrorBody(
                408,
                "too_slow",
                "The body was not complete after " + patience.toSeconds() + " s",
                "Send it again"));
      }
    }
    body.trim();
  }

  private static boolean more(Body body, InputStream in, int limit, long most) throws IOException {
    int single = in.read();
    if (single < 0) {
      return false;
    }
    if (body.length == limit) {
      throw tooLarge(limit);
    }
    body.grow(most);
    body.append(single);
    return true;
  }

  /**
   * Reads on for a while without keeping anything: most senders look for an answer only when they
   * have sent all, and would take a closed connection for an outage.
   */
  private void drain(InputStream in, int limit, Instant deadline) {
    byte[] scrap = new byte[PART];
    long left = 2L * limit;
    try {
      int n = 0;
      while (n >= 0 && left > 0 && !clock.instant().isAfter(deadline)) {
        n = in.read(scrap);
        left -= n;
      }
    } catch (IOException
        | DataReader.InsufficientDataAvailableException
        | IllegalArgumentException e) {
      // It went away or sends nonsense, and needs no answer.
    }
  }

  private static HttpProblem tooLarge(int limit) {
    return new HttpProblem(
        new ErrorBody(413, "too_large", "The body is larger than " + limit + " bytes"));
  }
}
