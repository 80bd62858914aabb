package dev.muster;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;

/** Receives traces by OTLP over HTTP, and reads them by OpenTelemetry's own schema. */
public final class OtlpReceiver implements AutoCloseable {
  private final HttpServer server;
  private final List<Span> spans = new ArrayList<>();
  private final List<Resource> resources = new ArrayList<>();
  private final AtomicInteger requests = new AtomicInteger();
  private volatile int answer = 200;

  private OtlpReceiver(HttpServer server) {
    this.server = server;
  }

  public static OtlpReceiver start() throws IOException {
    OtlpReceiver receiver =
        new OtlpReceiver(
            HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50));
    receiver.server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    receiver.server.createContext("/v1/traces", receiver::receive);
    receiver.server.start();
    return receiver;
  }

  /** What the variable names. */
  public URI url() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  /** The status with which everything is answered from now on. */
  public void answerWith(int status) {
    answer = status;
  }

  /** Requests that were made so far, whatever was answered. */
  public int requests() {
    return requests.get();
  }

  private void receive(HttpExchange exchange) {
    try (exchange) {
      boolean zipped = "gzip".equals(exchange.getRequestHeaders().getFirst("Content-Encoding"));
      try (InputStream body =
          zipped ? new GZIPInputStream(exchange.getRequestBody()) : exchange.getRequestBody()) {
        ExportTraceServiceRequest request = ExportTraceServiceRequest.parseFrom(body);
        if (answer == 200) {
          take(request);
        }
      }
      requests.incrementAndGet();
      byte[] said = ExportTraceServiceResponse.getDefaultInstance().toByteArray();
      exchange.getResponseHeaders().set("Content-Type", "application/x-protobuf");
      exchange.sendResponseHeaders(answer, said.length == 0 ? -1 : said.length);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private synchronized void take(ExportTraceServiceRequest request) {
    request
        .getResourceSpansList()
        .forEach(from -> {
          resources.add(from.getResource());
          from.getScopeSpansList().forEach(scope -> spans.addAll(scope.getSpansList()));
        });
    notifyAll();
  }

  /** What has come so far. */
  public synchronized List<Span> spans() {
    return List.copyOf(spans);
  }

  /** Who sent the last. */
  public synchronized Map<String, String> resource() {
    return attributes(resources.getLast().getAttributesList());
  }

  /** Waits until what has come is enough. */
  public synchronized List<Span> await(Predicate<List<Span>> enough) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (!enough.test(spans)) {
      long left = end - System.nanoTime();
      if (left <= 0) {
        throw new AssertionError("Not enough came:\n" + describe(spans));
      }
      TimeUnit.NANOSECONDS.timedWait(this, left);
    }
    return List.copyOf(spans);
  }

  /** Trace, span, parent and name of each, a line each. */
  public static String describe(List<Span> spans) {
    return spans.stream()
        .map(s ->
            id(s.getTraceId().toByteArray())
                + " "
                + spanId(s)
                + " < "
                + parentId(s)
                + " "
                + s.getName()
                + " "
                + attributes(s))
        .collect(Collectors.joining("\n"));
  }

  public static String traceId(Span span) {
    return id(span.getTraceId().toByteArray());
  }

  public static String spanId(Span span) {
    return id(span.getSpanId().toByteArray());
  }

  /** Empty for the first of a trace. */
  public static String parentId(Span span) {
    return id(span.getParentSpanId().toByteArray());
  }

  public static Map<String, String> attributes(Span span) {
    return attributes(span.getAttributesList());
  }

  private static Map<String, String> attributes(List<KeyValue> attributes) {
    return attributes.stream()
        .collect(
            Collectors.toMap(
                KeyValue::getKey,
                a ->
                    a.getValue().hasIntValue()
                        ? Long.toString(a.getValue().getIntValue())
                        : a.getValue().getStringValue()));
  }

  private static String id(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
