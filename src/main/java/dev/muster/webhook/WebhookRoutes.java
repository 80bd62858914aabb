package dev.muster.webhook;

import dev.muster.kernel.http.BodyReader;
import dev.muster.kernel.http.ErrorBody;
import dev.muster.kernel.http.HttpProblem;
import dev.muster.kernel.reconcile.StalledException;
import dev.muster.kernel.reconcile.TransientException;
import dev.muster.kernel.store.Priority;
import dev.muster.kernel.store.StoreUnavailableException;
import dev.muster.kernel.store.Writer;
import dev.muster.kernel.tracing.Span;
import dev.muster.kernel.tracing.SpanKind;
import dev.muster.kernel.tracing.Telemetry;
import dev.muster.kernel.tracing.TraceContext;
import dev.muster.webhook.DeliveryHandler.Effect;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Status;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.HttpService;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/** {@code POST /webhooks/NAME}. */
public final class WebhookRoutes implements HttpService {
  private static final Logger log = System.getLogger(WebhookRoutes.class.getName());

  /** Bodies up to this many bytes; GitHub's are a few ten thousand. */
  private static final int USUAL = 64 * 1024;

  private final Map<String, WebhookSource> sources;
  private final BodyReader bodies;
  private final Writer writer;
  private final DeliveryInbox inbox;
  private final InstantSource clock;

  /**
   * Trace ids must differ and need not be secret; a secure generator would cost as much as a hash.
   */
  private final RandomGenerator ids;

  private final Observer observer;
  private final Telemetry telemetry;

  /** Sees each answer: for metrics. */
  public interface Observer {
    void answered(String source, String outcome, Duration took);
  }

  public WebhookRoutes(
      List<WebhookSource> sources,
      BodyReader bodies,
      Writer writer,
      DeliveryInbox inbox,
      InstantSource clock,
      RandomGenerator random,
      Observer observer,
      Telemetry telemetry) {
    this.sources =
        sources.stream().collect(Collectors.toUnmodifiableMap(WebhookSource::name, s -> s));
    this.bodies = bodies;
    this.writer = writer;
    this.inbox = inbox;
    this.clock = clock;
    this.ids = new SplittableRandom(random.nextLong());
    this.observer = observer;
    this.telemetry = telemetry;
  }

  @Override
  public void routing(HttpRules rules) {
    rules.post("/{source}", this::receive);
  }

  private void receive(ServerRequest request, ServerResponse response) {
    String name = request.path().pathParameters().get("source");
    WebhookSource source = sources.get(name);
    if (source == null) {
      throw new HttpProblem(
          new ErrorBody(
              404, "unknown_source", "No webhook source is named " + name, "Known: " + known()));
    }
    Instant began = clock.instant();
    String outcome = "refused";
    try (BodyReader.Body body = bodies.read(request, source.limit())) {
      Function<String, Optional<String>> headers = headersOf(request);
      Instant read = telemetry.on() ? clock.instant() : began;
      WebhookSource.Verification.Genuine genuine = genuine(source, headers, body.bytes());
      Optional<TraceContext> senders = headers.apply("traceparent").flatMap(TraceContext::parse);
      try (Span span = span(name, senders, began)) {
        if (telemetry.on()) {
          telemetry.span("verify").since(read).past(clock.instant());
        }
        Optional<TraceContext> trace =
            telemetry.on() ? span.context() : senders.or(() -> Optional.of(startTrace()));
        outcome = record(source, genuine, headers, response, body.bytes(), trace, span);
      }
    } catch (HttpProblem e) {
      outcome = e.body().code();
      throw e;
    } finally {
      observer.answered(name, outcome, Duration.between(began, clock.instant()));
    }
  }

  /**
   * Begun when it is known who sends: what strangers send makes no span, and their header joins no
   * trace. See docs/adr/0018.
   */
  private Span span(String source, Optional<TraceContext> senders, Instant began) {
    return telemetry.on()
        ? telemetry
            .span("POST /webhooks/" + source)
            .kind(SpanKind.SERVER)
            .underSender(senders)
            .since(began)
            .set("http.request.method", "POST")
            .set("http.route", "/webhooks/{source}")
            .start()
        : Span.NONE;
  }

  private String record(
      WebhookSource source,
      WebhookSource.Verification.Genuine genuine,
      Function<String, Optional<String>> headers,
      ServerResponse response,
      byte[] body,
      Optional<TraceContext> trace,
      Span span) {
    try {
      String outcome = record(source, genuine, headers, response, body, trace);
      answered(span, outcome, response.status().code());
      return outcome;
    } catch (HttpProblem e) {
      answered(span, e.body().code(), e.body().status());
      throw e;
    }
  }

  private static void answered(Span span, String outcome, int status) {
    span.set("muster.outcome", outcome).set("http.response.status_code", status);
    if (status >= 500) {
      span.failed(outcome);
    }
  }

  private String record(
      WebhookSource source,
      WebhookSource.Verification.Genuine genuine,
      Function<String, Optional<String>> headers,
      ServerResponse response,
      byte[] body,
      Optional<TraceContext> trace) {
    String type = headers.apply("content-type").orElse("");
    if (type.toLowerCase(Locale.ROOT).startsWith("application/x-www-form-urlencoded")) {
      throw new HttpProblem(
          new ErrorBody(
              415,
              "form_encoding",
              "The webhook sends a form where JSON is needed",
              "Set the webhook's content type to application/json"));
    }
    Delivery delivery =
        new Delivery(
            source.name(), genuine.deliveryId(), genuine.event(), body, clock.instant(), trace);
    Optional<Effect> understood = understand(delivery);
    DeliveryStore.Arrival arrival = DeliveryStore.Arrival.of(delivery);
    boolean added;
    try (Span _ = telemetry.span("commit").start()) {
      added = writer.write(Priority.ACKNOWLEDGE, tx -> inbox.record(tx, arrival, understood));
    } catch (StoreUnavailableException e) {
      throw new HttpProblem(
          new ErrorBody(
              503,
              "not_durable",
              "The delivery could not be made durable and was not recorded",
              "Send it again; see the status page for what is wrong"),
          10);
    }
    response.status(Status.ACCEPTED_202);
    response.header(HeaderValues.CONTENT_TYPE_JSON);
    response.send(added ? "{\"recorded\":true}" : "{\"recorded\":false,\"duplicate\":true}");
    return added ? "recorded" : "duplicate";
  }

  /**
   * Understands a body of the usual size here, as its shape must be looked at in any case; a large
   * one is only looked at, and read from its row when its turn comes.
   */
  private Optional<Effect> understand(Delivery delivery) {
    if (delivery.payload().length <= USUAL) {
      Effect effect = inbox.understand(delivery);
      if (!(effect instanceof Effect.Unread)) {
        return Optional.of(effect);
      }
    }
    JsonShape.problem(delivery.payload())
        .ifPresent(problem -> {
          throw new HttpProblem(new ErrorBody(400, "unreadable", problem));
        });
    return Optional.empty();
  }

  private TraceContext startTrace() {
    synchronized (ids) {
      return TraceContext.start(ids);
    }
  }

  private static WebhookSource.Verification.Genuine genuine(
      WebhookSource source, Function<String, Optional<String>> headers, byte[] body) {
    return switch (verified(source, headers, body)) {
      case WebhookSource.Verification.Genuine genuine -> genuine;
      case WebhookSource.Verification.Forged(String reason) ->
          throw new HttpProblem(
              new ErrorBody(
                  401,
                  "bad_signature",
                  reason,
                  "Check that the webhook's secret is the one the config names"));
      case WebhookSource.Verification.Malformed(String reason) ->
          throw new HttpProblem(new ErrorBody(400, "malformed", reason));
      case WebhookSource.Verification.NotConfigured(String hint) ->
          throw new HttpProblem(
              new ErrorBody(
                  503,
                  "not_configured",
                  "No secret is configured for " + source.name() + " webhooks",
                  hint),
              60);
    };
  }

  /** The sender is told nothing of what is wrong with a secret; it has not proven who it is. */
  private static WebhookSource.Verification verified(
      WebhookSource source, Function<String, Optional<String>> headers, byte[] body) {
    try {
      return source.verify(headers, body);
    } catch (StalledException | TransientException e) {
      log.log(Level.WARNING, "A {0} webhook was refused: {1}", source.name(), e.getMessage());
      throw new HttpProblem(
          new ErrorBody(
              503,
              "secret_unreadable",
              "The secret of " + source.name() + " webhooks cannot be read now",
              "Send it again; muster doctor says what is wrong"),
          30);
    }
  }

  private static Function<String, Optional<String>> headersOf(ServerRequest request) {
    return name -> request.headers().first(HeaderNames.create(name));
  }

  private String known() {
    return sources.keySet().stream().sorted().collect(Collectors.joining(", "));
  }
}
