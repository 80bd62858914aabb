package dev.muster.status.api;

import dev.muster.kernel.http.ErrorBody;
import dev.muster.kernel.http.HttpProblem;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.sse.SseEvent;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.HttpService;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.helidon.webserver.sse.SseSink;
import java.io.UncheckedIOException;
import java.time.Duration;

/**
 * {@code GET /api/v1/events}: an event {@code changed} whenever something was committed, at most
 * two a second; what changed is asked for by whoever wants to know.
 */
public final class EventRoutes implements HttpService {
  /** Proxies drop connections that are silent for half a minute. */
  private static final Duration HEARTBEAT = Duration.ofSeconds(25);

  private static final Duration COME_BACK = Duration.ofSeconds(2);

  private final Changes changes;

  public EventRoutes(Changes changes) {
    this.changes = changes;
  }

  @Override
  public void routing(HttpRules rules) {
    rules.get("/events", this::stream);
  }

  private void stream(ServerRequest request, ServerResponse response) {
    try (Changes.Listener listener = changes.listen().orElseThrow(EventRoutes::full)) {
      response.header(HeaderValues.create(HeaderNames.CACHE_CONTROL, "no-store"));
      try (SseSink sink = response.sink(SseSink.TYPE)) {
        sink.emit(SseEvent.builder().reconnectDelay(COME_BACK).data("ready").name("ready").build());
        send(listener, sink);
      } catch (UncheckedIOException e) {
        // The page was closed; its next one connects anew.
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static void send(Changes.Listener listener, SseSink sink) throws InterruptedException {
    while (true) {
      switch (listener.await(HEARTBEAT)) {
        case CHANGED -> sink.emit(SseEvent.builder().name("changed").data("{}").build());
        case NOTHING -> sink.emit(SseEvent.builder().comment("still here").build());
        case CLOSED -> {
          return;
        }
      }
    }
  }

  private static HttpProblem full() {
    return new HttpProblem(
        new ErrorBody(
            503,
            "too_many_listeners",
            "More than " + Changes.MOST_LISTENERS + " pages are open",
            "Close some; the page works without live updates too"),
        30);
  }
}
