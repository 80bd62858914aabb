package dev.muster.webhook;

import dev.muster.kernel.http.BoundedWarnings;
import dev.muster.kernel.http.ErrorBody;
import dev.muster.kernel.http.HttpProblem;
import dev.muster.kernel.reconcile.StalledException;
import dev.muster.kernel.reconcile.TransientException;
import dev.muster.kernel.store.Priority;
import dev.muster.kernel.store.StoreUnavailableException;
import dev.muster.kernel.store.Writer;
import dev.muster.kernel.tracing.Span;
import dev.muster.kernel.tracing.Telemetry;
import dev.muster.kernel.tracing.TraceContext;
import dev.muster.webhook.DeliveryHandler.Effect;
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

/**
 * The one door for all that senders send, whichever way it comes: verified over the raw bytes, told
 * apart from what was sent before, recorded durably, and only then said to be recorded.
 */
public final class WebhookDoor {
  /** Bodies up to this many bytes; GitHub's are a few ten thousand. */
  private static final int USUAL = 64 * 1024;

  private final Map<String, WebhookSource> sources;
  private final Writer writer;
  private final DeliveryInbox inbox;
  private final InstantSource clock;
  private final BoundedWarnings refusals;

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

  /** The way that something came: names its span. */
  interface Way {
    /**
     * Begins its span, under the sender's where that joins a trace.
     *
     * @param began when it came
     */
    Span begin(Telemetry telemetry, Optional<TraceContext> senders, Instant began);

    /** Says on the span what it was answered. */
    default void answered(Span span, int status) {}
  }

  public WebhookDoor(
      List<WebhookSource> sources,
      Writer writer,
      DeliveryInbox inbox,
      InstantSource clock,
      RandomGenerator random,
      Observer observer,
      Telemetry telemetry) {
    this.sources =
        sources.stream().collect(Collectors.toUnmodifiableMap(WebhookSource::name, s -> s));
    this.writer = writer;
    this.inbox = inbox;
    this.clock = clock;
    this.refusals = new BoundedWarnings(System.getLogger(WebhookDoor.class.getName()), clock);
    this.ids = new SplittableRandom(random.nextLong());
    this.observer = observer;
    this.telemetry = telemetry;
  }

  /**
   * The source of a name.
   *
   * @throws HttpProblem 404 where there is none
   */
  WebhookSource source(String name) {
    WebhookSource source = sources.get(name);
    if (source == null) {
      throw new HttpProblem(
          new ErrorBody(
              404, "unknown_source", "No webhook source is named " + name, "Known: " + known()));
    }
    return source;
  }

  /** Gives what a source sent; it may be given once. */
  interface Bytes {
    byte[] read();
  }

  /**
   * Records what was sent.
   *
   * @param headers a header's value by its lower-case name
   * @param body read when it is needed; may throw an {@link HttpProblem}
   * @return whether it is new; it was recorded before otherwise
   * @throws HttpProblem when it was not recorded: 5xx where it may be sent again
   */
  boolean receive(
      WebhookSource source, Way way, Function<String, Optional<String>> headers, Bytes body) {
    Instant began = clock.instant();
    String outcome = "refused";
    try {
      byte[] bytes = body.read();
      Instant read = telemetry.on() ? clock.instant() : began;
      WebhookSource.Verification.Genuine genuine = genuine(source, headers, bytes);
      Optional<TraceContext> senders = headers.apply("traceparent").flatMap(TraceContext::parse);
      // Begun when it is known who sends: what strangers send makes no span, and their header joins
      // no trace. See docs/adr/0018.
      try (Span span = telemetry.on() ? way.begin(telemetry, senders, began) : Span.NONE) {
        if (telemetry.on()) {
          telemetry.span("verify").since(read).past(clock.instant());
        }
        Optional<TraceContext> trace =
            telemetry.on() ? span.context() : senders.or(() -> Optional.of(startTrace()));
        boolean added = record(source, genuine, way, headers, bytes, trace, span);
        outcome = outcome(added);
        return added;
      }
    } catch (HttpProblem e) {
      outcome = e.body().code();
      throw e;
    } finally {
      observer.answered(source.name(), outcome, Duration.between(began, clock.instant()));
    }
  }

  private static String outcome(boolean added) {
    return added ? "recorded" : "duplicate";
  }

  private boolean record(
      WebhookSource source,
      WebhookSource.Verification.Genuine genuine,
      Way way,
      Function<String, Optional<String>> headers,
      byte[] body,
      Optional<TraceContext> trace,
      Span span) {
    try {
      boolean added = record(source, genuine, headers, body, trace);
      answered(span, way, outcome(added), 202);
      return added;
    } catch (HttpProblem e) {
      answered(span, way, e.body().code(), e.body().status());
      throw e;
    }
  }

  private static void answered(Span span, Way way, String outcome, int status) {
    span.set("muster.outcome", outcome);
    way.answered(span, status);
    if (status >= 500) {
      span.failed(outcome);
    }
  }

  private boolean record(
      WebhookSource source,
      WebhookSource.Verification.Genuine genuine,
      Function<String, Optional<String>> headers,
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
    try (Span _ = telemetry.span("commit").start()) {
      return writer.write(Priority.ACKNOWLEDGE, tx -> inbox.record(tx, arrival, understood));
    } catch (StoreUnavailableException e) {
      throw new HttpProblem(
          new ErrorBody(
              503,
              "not_durable",
              "The delivery could not be made durable and was not recorded",
              "Send it again; see the status page for what is wrong"),
          10);
    }
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

  private WebhookSource.Verification.Genuine genuine(
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
  private WebhookSource.Verification verified(
      WebhookSource source, Function<String, Optional<String>> headers, byte[] body) {
    try {
      return source.verify(headers, body);
    } catch (StalledException | TransientException e) {
      refusals.warn("A " + source.name() + " webhook was refused: " + e.getMessage());
      throw new HttpProblem(
          new ErrorBody(
              503,
              "secret_unreadable",
              "The secret of " + source.name() + " webhooks cannot be read now",
              "Send it again; muster doctor says what is wrong"),
          30);
    }
  }

  private String known() {
    return sources.keySet().stream().sorted().collect(Collectors.joining(", "));
  }
}
