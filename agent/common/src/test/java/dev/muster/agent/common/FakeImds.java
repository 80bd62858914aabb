package dev.muster.agent.common;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Instance metadata of version 2, over real HTTP: a token by PUT with its time to live, and nothing
 * without it.
 */
public final class FakeImds implements AutoCloseable {
  private final HttpServer server;
  private final Map<String, String> texts = new ConcurrentHashMap<>();
  private volatile String token = "token-1";

  /** What was asked: the method and the path. */
  public final List<String> asked = new CopyOnWriteArrayList<>();

  public FakeImds() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.start();
  }

  public URI url() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  /** From now on this is there. */
  public void put(String path, String text) {
    texts.put(path, text);
  }

  /** Tokens that were given are not known any more. */
  public void forgetTokens() {
    token = "token-2";
  }

  private void answer(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().toString();
    asked.add(exchange.getRequestMethod() + " " + path);
    var headers = exchange.getRequestHeaders();
    if (exchange.getRequestMethod().equals("PUT")) {
      boolean asItMust =
          path.equals("/latest/api/token")
              && headers.containsKey("X-aws-ec2-metadata-token-ttl-seconds");
      reply(exchange, asItMust ? 200 : 400, asItMust ? token : "");
    } else if (!token.equals(headers.getFirst("X-aws-ec2-metadata-token"))) {
      reply(exchange, 401, "");
    } else {
      String text = texts.getOrDefault(path, "");
      reply(exchange, text.isEmpty() ? 404 : 200, text);
    }
  }

  private static void reply(HttpExchange exchange, int status, String text) throws IOException {
    try (exchange) {
      exchange.sendResponseHeaders(status, text.isEmpty() ? -1 : text.length());
      exchange.getResponseBody().write(text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
