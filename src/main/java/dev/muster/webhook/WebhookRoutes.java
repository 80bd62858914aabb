package dev.muster.webhook;

import dev.muster.kernel.http.BodyReader;
import dev.muster.kernel.tracing.Span;
import dev.muster.kernel.tracing.SpanKind;
import dev.muster.kernel.tracing.Telemetry;
import dev.muster.kernel.tracing.TraceContext;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Status;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.HttpService;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** {@code POST /webhooks/NAME}. */
public final class WebhookRoutes implements HttpService {
  private final WebhookDoor door;
  private final BodyReader bodies;

  public WebhookRoutes(WebhookDoor door, BodyReader bodies) {
    this.door = door;
    this.bodies = bodies;
  }

  @Override
  public void routing(HttpRules rules) {
    rules.post("/{source}", this::receive);
  }

  private void receive(ServerRequest request, ServerResponse response) {
    WebhookSource source = door.source(request.path().pathParameters().get("source"));
    boolean added;
    try (Opened body = new Opened(request, source.limit())) {
      added = door.receive(source, new Http(source.name()), headersOf(request), body::read);
    }
    response.status(Status.ACCEPTED_202);
    response.header(HeaderValues.CONTENT_TYPE_JSON);
    response.send(added ? "{\"recorded\":true}" : "{\"recorded\":false,\"duplicate\":true}");
  }

  /** A body that is read within the door, where it is measured, and held until it is recorded. */
  private final class Opened implements AutoCloseable {
    private final ServerRequest request;
    private final int limit;
    private BodyReader.@Nullable Body body;

    Opened(ServerRequest request, int limit) {
      this.request = request;
      this.limit = limit;
    }

    byte[] read() {
      BodyReader.Body read = bodies.read(request, limit);
      body = read;
      return read.bytes();
    }

    @Override
    public void close() {
      if (body != null) {
        body.close();
      }
    }
  }

  private record Http(String source) implements WebhookDoor.Way {
    @Override
    public Span begin(Telemetry telemetry, Optional<TraceContext> senders, Instant began) {
      return telemetry
          .span("POST /webhooks/" + source)
          .kind(SpanKind.SERVER)
          .underSender(senders)
          .since(began)
          .set("http.request.method", "POST")
          .set("http.route", "/webhooks/{source}")
          .start();
    }

    @Override
    public void answered(Span span, int status) {
      span.set("http.response.status_code", status);
    }
  }

  private static Function<String, Optional<String>> headersOf(ServerRequest request) {
    return name -> request.headers().first(HeaderNames.create(name));
  }
}
