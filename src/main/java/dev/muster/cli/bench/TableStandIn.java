package dev.muster.cli.bench;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;

/**
 * Answers as DynamoDB does for a new table of regions, takes whatever is written, and keeps
 * nothing: what replication costs the appliance is measured, not what a table costs.
 */
final class TableStandIn implements AutoCloseable {
  /** What the machine spends on the table is missed by the appliance: counting must do. */
  private static final Pattern PUT = Pattern.compile("\"PutRequest\"", Pattern.LITERAL);

  private static final String STREAM =
      "arn:aws:dynamodb:eu-west-1:1:table/bench/stream/2026-01-01T00:00:00.000";

  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final AtomicLong items = new AtomicLong();
  private final AtomicLong requests = new AtomicLong();

  TableStandIn() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50);
    server.setExecutor(threads);
    server.createContext("/", this::answer);
    server.start();
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /** Items written so far. */
  long items() {
    return items.get();
  }

  /** Requests that those took. */
  long requests() {
    return requests.get();
  }

  private void answer(HttpExchange exchange) throws IOException {
    String target = exchange.getRequestHeaders().getFirst("X-Amz-Target");
    String operation = target.substring(target.indexOf('.') + 1);
    byte[] request = exchange.getRequestBody().readAllBytes();
    String answer =
        switch (operation) {
          case "DescribeTable" ->
              """
              {"Table": {"KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"},
                                       {"AttributeName": "sk", "KeyType": "RANGE"}],
                "StreamSpecification": {"StreamEnabled": true, "StreamViewType": "NEW_IMAGE"},
                "LatestStreamArn": "%s"}}
              """
                  .formatted(STREAM);
          case "Query" -> "{\"Items\": [], \"Count\": 0}";
          case "DescribeStream" -> "{\"StreamDescription\": {\"Shards\": []}}";
          case "BatchWriteItem" -> {
            requests.incrementAndGet();
            items.addAndGet(
                PUT.matcher(new String(request, StandardCharsets.ISO_8859_1)).results().count());
            yield "{\"UnprocessedItems\": {}}";
          }
          default -> "{}"; // an item that is not there, or one that is taken
        };
    try (exchange) {
      byte[] body = answer.getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("Content-Type", "application/x-amz-json-1.0");
      exchange.sendResponseHeaders(200, body.length);
      exchange.getResponseBody().write(body);
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.close();
  }
}
