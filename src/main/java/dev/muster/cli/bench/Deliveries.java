package dev.muster.cli.bench;

import dev.muster.kernel.http.Signature;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongFunction;

/** Sends signed deliveries over kept connections and notes how long each took. */
final class Deliveries {
  private static final Duration FIRST_ANSWER = Duration.ofSeconds(30);

  private final URI target;
  private final String secret;
  private final LongFunction<byte[]> bodies;

  /** For whoever asks why nothing is acknowledged. */
  private volatile String lastRefusal = "none";

  /**
   * Sends to one appliance.
   *
   * @param bodies by their number, each different
   */
  Deliveries(URI target, String secret, LongFunction<byte[]> bodies) {
    this.target = target;
    this.secret = secret;
    this.bodies = bodies;
  }

  /**
   * What came of it.
   *
   * @param acknowledged how many were answered with 202
   * @param latencies in nanoseconds, ascending
   */
  record Result(long acknowledged, Duration took, long[] latencies) {
    double perSecond() {
      return acknowledged / (took.toNanos() / 1e9);
    }
  }

  /** Sends the numbers from {@code first} on, {@code count} of them, each signed as it goes. */
  Result send(long first, int count, int connections) throws InterruptedException {
    return send(number -> ByteBuffer.wrap(request(number)), first, count, connections);
  }

  /** {@link #send(long, int, int)}, with all of it signed before the clock starts. */
  Result sendPrepared(long first, int count, int connections) throws InterruptedException {
    try (PreparedRequests prepared = new PreparedRequests(this::request, first, count)) {
      return send(prepared, first, count, connections);
    }
  }

  private Result send(LongFunction<ByteBuffer> requests, long first, int count, int connections)
      throws InterruptedException {
    AtomicLong next = new AtomicLong(first);
    long last = first + count;
    List<long[]> latencies = new ArrayList<>();
    List<Thread> threads = new ArrayList<>();
    List<Exception> failures = new ArrayList<>();
    long began = System.nanoTime();
    for (int i = 0; i < connections; i++) {
      threads.add(
          Thread.ofVirtual()
              .start(() -> {
                try {
                  long[] own = connection(requests, next, last);
                  synchronized (latencies) {
                    latencies.add(own);
                  }
                } catch (IOException | RuntimeException e) {
                  synchronized (failures) {
                    failures.add(e);
                  }
                }
              }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    Duration took = Duration.ofNanos(System.nanoTime() - began);
    if (!failures.isEmpty()) {
      throw new IllegalStateException(
          "A delivery failed: " + failures.getFirst(), failures.getFirst());
    }
    long[] all = latencies.stream().flatMapToLong(Arrays::stream).sorted().toArray();
    return new Result(all.length, took, all);
  }

  /** What ends the load, from outside. */
  interface End {
    void await() throws InterruptedException;
  }

  /**
   * Sends until nothing answers any more.
   *
   * @param end makes it so that nothing does; begun at the first acknowledgement, when the load is
   *     under way
   * @return the ids of what was acknowledged
   */
  Set<String> sendUntil(AtomicLong next, int connections, End end) throws InterruptedException {
    Set<String> acknowledged = ConcurrentHashMap.newKeySet();
    CountDownLatch underWay = new CountDownLatch(1);
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < connections; i++) {
      threads.add(Thread.ofVirtual().start(() -> untilItFails(next, acknowledged, underWay)));
    }
    if (!underWay.await(FIRST_ANSWER.toSeconds(), TimeUnit.SECONDS)) {
      throw new IllegalStateException(
          "Nothing was acknowledged within "
              + FIRST_ANSWER.toSeconds()
              + " s; the last answer to a delivery: "
              + lastRefusal);
    }
    end.await();
    for (Thread thread : threads) {
      thread.join();
    }
    return acknowledged;
  }

  private void untilItFails(AtomicLong next, Set<String> acknowledged, CountDownLatch underWay) {
    try (Socket socket = new Socket(target.getHost(), target.getPort())) {
      OutputStream out = socket.getOutputStream();
      InputStream in = new BufferedInputStream(socket.getInputStream(), 4096);
      while (true) {
        long number = next.getAndIncrement();
        out.write(request(number));
        int status = status(in);
        if (status == 202) {
          acknowledged.add(id(number));
          underWay.countDown();
        } else {
          lastRefusal = "status " + status;
        }
      }
    } catch (IOException e) {
      lastRefusal = e.toString(); // it was killed, as it had to be
    }
  }

  private static String id(long number) {
    return new UUID(7, number).toString();
  }

  private long[] connection(LongFunction<ByteBuffer> requests, AtomicLong next, long last)
      throws IOException {
    long[] latencies = new long[1024];
    int count = 0;
    try (SocketChannel channel =
        SocketChannel.open(new InetSocketAddress(target.getHost(), target.getPort()))) {
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
      InputStream in = new BufferedInputStream(channel.socket().getInputStream(), 4096);
      for (long number = next.getAndIncrement(); number < last; number = next.getAndIncrement()) {
        ByteBuffer request = requests.apply(number);
        long began = System.nanoTime();
        while (request.hasRemaining()) {
          channel.write(request);
        }
        int status = status(in);
        if (status != 202) {
          throw new IOException("the appliance answered " + status);
        }
        if (count == latencies.length) {
          latencies = Arrays.copyOf(latencies, 2 * count);
        }
        latencies[count++] = System.nanoTime() - began;
      }
    }
    return Arrays.copyOf(latencies, count);
  }

  private byte[] request(long number) {
    byte[] body = bodies.apply(number);
    byte[] head =
        """
        POST /webhooks/github HTTP/1.1\r
        Host: %s:%d\r
        Content-Type: application/json\r
        X-GitHub-Event: workflow_job\r
        X-GitHub-Delivery: %s\r
        X-Hub-Signature-256: sha256=%s\r
        Content-Length: %d\r
        \r
        """
            .formatted(
                target.getHost(),
                target.getPort(),
                id(number),
                Signature.hex(secret, body),
                body.length)
            .getBytes(StandardCharsets.US_ASCII);
    byte[] request = Arrays.copyOf(head, head.length + body.length);
    System.arraycopy(body, 0, request, head.length, body.length);
    return request;
  }

  /** Reads one answer and drops its body. */
  private static int status(InputStream in) throws IOException {
    int status = 0;
    int length = 0;
    for (String line = line(in); !line.isEmpty(); line = line(in)) {
      if (status == 0) {
        status = Integer.parseInt(line.split(" ", 3)[1]);
      } else if (line.regionMatches(true, 0, "Content-Length:", 0, 15)) {
        length = Integer.parseInt(line.substring(15).strip());
      }
    }
    in.skipNBytes(length);
    return status;
  }

  private static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int b = in.read(); b != '\n'; b = in.read()) {
      if (b < 0) {
        throw new IOException("the appliance closed the connection");
      }
      if (b != '\r') {
        line.append((char) b);
      }
    }
    return line.toString();
  }
}
