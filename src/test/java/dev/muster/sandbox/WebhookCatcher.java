package dev.muster.sandbox;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Takes webhooks, answers 202 and keeps them. */
final class WebhookCatcher implements AutoCloseable {
  record Caught(Map<String, String> headers, byte[] body) {
    String event() {
      return header("X-GitHub-Event");
    }

    String header(String name) {
      return headers.getOrDefault(name, "");
    }
  }

  private final LinkedBlockingQueue<Caught> caught = new LinkedBlockingQueue<>();
  private final HttpServer server;

  WebhookCatcher() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
          exchange.getRequestHeaders().forEach((name, v) -> headers.put(name, v.getFirst()));
          caught.add(new Caught(headers, exchange.getRequestBody().readAllBytes()));
          exchange.sendResponseHeaders(202, -1);
          exchange.close();
        });
    server.start();
  }

  URI url() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/webhooks/github");
  }

  /** The next {@code count}, or as many as come within a few seconds. */
  List<Caught> next(int count) throws InterruptedException {
    List<Caught> found = new ArrayList<>();
    while (found.size() < count) {
      Caught one = caught.poll(Duration.ofSeconds(10).toSeconds(), TimeUnit.SECONDS);
      if (one == null) {
        break;
      }
      found.add(one);
    }
    return found;
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
