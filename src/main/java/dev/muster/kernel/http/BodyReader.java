package dev.muster.kernel.http;

import io.helidon.webserver.http.ServerRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Reads request bodies within bounds: of size, of time, and of memory that all bodies under way may
 * take together, so that a burst meets 429 rather than a full heap.
 */
public final class BodyReader {
  /** A permit stands for this many bytes. */
  private static final int UNIT = 64 * 1024;

  private final Semaphore memory;
  private final Duration patience;
  private final InstantSource clock;

  /**
   * @param totalBytes what all bodies under way may take together
   * @param patience how long a body may take to arrive
   */
  public BodyReader(int totalBytes, Duration patience, InstantSource clock) {
    this.memory = new Semaphore(totalBytes / UNIT);
    this.patience = patience;
    this.clock = clock;
  }

  /** A body and the memory it holds until closed. */
  public final class Body implements AutoCloseable {
    private byte[] bytes = {};
    private int permits;

    public byte[] bytes() {
      return bytes;
    }

    private void reserve(long size) {
      int needed = (int) (size / UNIT) + 1 - permits;
      if (needed <= 0) {
        return;
      }
      try {
        if (!memory.tryAcquire(needed, 2, TimeUnit.SECONDS)) {
          throw new HttpProblem(
              new ErrorBody(
                  429, "busy", "Too many large bodies arrive at once", "Send it again shortly"),
              5);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new HttpProblem(new ErrorBody(503, "stopping", "The appliance is stopping"), 10);
      }
      permits += needed;
    }

    @Override
    public void close() {
      memory.release(permits);
      permits = 0;
    }
  }

  /**
   * Reads the whole body.
   *
   * @throws HttpProblem 413 beyond {@code limit} bytes, 408 when it takes too long, 429 when too
   *     much is under way
   */
  public Body read(ServerRequest request, int limit) {
    long announced = request.headers().contentLength().orElse(-1);
    if (announced > limit) {
      throw tooLarge(limit);
    }
    Body body = new Body();
    try {
      body.reserve(Math.max(announced, 0));
      body.bytes = fill(body, request, limit, (int) Math.max(announced, 8 * 1024));
      return body;
    } catch (RuntimeException e) {
      body.close();
      throw e;
    }
  }

  private byte[] fill(Body body, ServerRequest request, int limit, int expected) {
    if (!request.content().hasEntity()) {
      return new byte[0];
    }
    Instant deadline = clock.instant().plus(patience);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(expected);
    byte[] part = new byte[16 * 1024];
    try (InputStream in = request.content().inputStream()) {
      int n;
      while ((n = in.read(part)) >= 0) {
        if (bytes.size() + n > limit) {
          throw tooLarge(limit);
        }
        body.reserve((long) bytes.size() + n);
        bytes.write(part, 0, n);
        if (clock.instant().isAfter(deadline)) {
          throw new HttpProblem(
              new ErrorBody(
                  408,
                  "too_slow",
                  "The body was not complete after " + patience.toSeconds() + " s",
                  "Send it again"));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("The sender went away", e);
    }
    return bytes.toByteArray();
  }

  private static HttpProblem tooLarge(int limit) {
    return new HttpProblem(
        new ErrorBody(413, "too_large", "The body is larger than " + limit + " bytes"));
  }
}
