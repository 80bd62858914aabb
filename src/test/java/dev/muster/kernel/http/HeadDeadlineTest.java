package dev.muster.kernel.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.kernel.clock.VirtualTime;
import io.helidon.webserver.WebServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class HeadDeadlineTest {
  private final VirtualTime time = new VirtualTime("2026-03-01T12:00:00Z");
  private final CountDownLatch arrived = new CountDownLatch(1);
  private final CountDownLatch leave = new CountDownLatch(1);
  private final HeadDeadline http = new HeadDeadline(Duration.ofSeconds(30), time);
  private WebServer server;

  @BeforeEach
  void serve() {
    server =
        WebServer.builder()
            .host("127.0.0.1")
            .shutdownHook(false)
            .protocolsDiscoverServices(false)
            .addConnectionSelector(http)
            .idleConnectionPeriod(Duration.ofMillis(20))
            .routing(routing ->
                routing
                    .get("/", (request, response) -> response.send("served"))
                    .get(
                        "/slow",
                        (request, response) -> {
                          arrived.countDown();
                          leave.await();
                          response.send("served at last");
                        }))
            .build()
            .start();
  }

  @AfterEach
  void stop() {
    leave.countDown();
    server.stop();
  }

  @Test
  void whoSendsNoWholeHeadIsCutOffAndNobodyElse() throws Exception {
    try (Client silent = new Client();
        Client firstLine = new Client();
        Client oneHeader = new Client();
        Client kept = new Client();
        Client second = new Client();
        Client slow = new Client()) {
      firstLine.send("GET / HT");
      oneHeader.send("GET / HTTP/1.1\r\nHost: a\r\n");
      assertThat(kept.get("/")).isEqualTo("served");
      assertThat(second.get("/")).isEqualTo("served");
      second.send("GET / HTTP/1.1\r\n");
      slow.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
      arrived.await();
      awaitHeadsToCome(4);

      time.pass(Duration.ofSeconds(31));
      for (Client late : new Client[] {silent, firstLine, oneHeader, second}) {
        assertThat(late.closed()).isTrue();
      }

      assertThat(kept.get("/")).isEqualTo("served");
      leave.countDown();
      assertThat(slow.body()).isEqualTo("served at last");
    }
  }

  @Test
  void headThatComesPieceByPieceInTimeIsServed() throws Exception {
    try (Client client = new Client();
        Client late = new Client()) {
      client.send("GET / HTTP/1.1\r\n");
      awaitHeadsToCome(2);
      time.pass(Duration.ofSeconds(29));
      client.send("Host: a\r\n\r\n");
      assertThat(client.body()).isEqualTo("served");
      time.pass(Duration.ofSeconds(2));
      assertThat(late.closed()).isTrue();
      assertThat(client.get("/")).isEqualTo("served");
    }
  }

  private void awaitHeadsToCome(int count) {
    while (http.waiting() != count) {
      Thread.onSpinWait();
    }
  }

  /** Speaks HTTP byte by byte. */
  private final class Client implements AutoCloseable {
    private final Socket socket;
    private final BufferedReader answer;

    Client() throws IOException {
      socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
      answer =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
    }

    void send(String text) throws IOException {
      socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    }

    String get(String path) throws IOException {
      send("GET " + path + " HTTP/1.1\r\nHost: a\r\n\r\n");
      return body();
    }

    String body() throws IOException {
      int length = 0;
      assertThat(answer.readLine()).startsWith("HTTP/1.1 200");
      for (String line = answer.readLine(); !line.isEmpty(); line = answer.readLine()) {
        if (line.toLowerCase(Locale.ROOT).startsWith("content-length:")) {
          length = Integer.parseInt(line.substring(line.indexOf(':') + 1).strip());
        }
      }
      char[] body = new char[length];
      assertThat(answer.read(body)).isEqualTo(length);
      return new String(body);
    }

    /** Waits for the end of the connection. */
    boolean closed() throws IOException {
      try {
        return answer.read() < 0;
      } catch (SocketException e) {
        return true;
      }
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }
}
