package dev.muster.status;

import dev.muster.kernel.reconcile.ReconcileLoop;
import dev.muster.kernel.store.Writer;
import dev.muster.webhook.DeliveryInbox;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;

/**
 * Whether the process still does its work; what a watchdog wants to know. An answer of any kind is
 * a sign of life (a full disk is not mended by a restart), silence is not.
 */
public final class Liveness {
  /** A batch takes milliseconds, on the worst disks a second. */
  private static final Duration LONGEST_BATCH = Duration.ofSeconds(60);

  private static final Duration LONGEST_ANSWER = Duration.ofSeconds(10);

  private final Writer writer;
  private final ReconcileLoop loop;
  private final DeliveryInbox inbox;
  private final URI server;

  /**
   * Of an appliance that was started.
   *
   * @param server a plain HTTP listener of it, as this machine reaches it
   */
  public Liveness(Writer writer, ReconcileLoop loop, DeliveryInbox inbox, URI server) {
    this.writer = writer;
    this.loop = loop;
    this.inbox = inbox;
    this.server = server;
  }

  /** What hangs or is gone; empty while all is alive. Takes at most ten seconds. */
  public Optional<String> stuck() {
    if (writer.ended()) {
      return Optional.of("nothing writes to the database any more");
    }
    Duration busy = writer.busy();
    if (busy.compareTo(LONGEST_BATCH) > 0) {
      return Optional.of("a write to the database has taken %d s".formatted(busy.toSeconds()));
    }
    if (loop.ended()) {
      return Optional.of("nothing reconciles any more");
    }
    if (inbox.ended()) {
      return Optional.of("nothing takes the deliveries any more");
    }
    return answers(server, LONGEST_ANSWER)
        ? Optional.empty()
        : Optional.of("the web server does not answer");
  }

  /** Whether a server says anything within a time: any line will do, a refusal too. */
  public static boolean answers(URI server, Duration longest) {
    int patience = (int) longest.toMillis() / 2;
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(server.getHost(), server.getPort()), patience);
      socket.setSoTimeout(patience);
      socket
          .getOutputStream()
          .write(
              "GET /healthz HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n"
                  .formatted(server.getAuthority())
                  .getBytes(StandardCharsets.US_ASCII));
      InputStream answer = socket.getInputStream();
      return answer.read() == 'H';
    } catch (IOException e) {
      return false;
    }
  }
}
