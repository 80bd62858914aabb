package dev.muster.kernel.http;

import dev.muster.kernel.store.StoreUnavailableException;
import io.helidon.http.HeaderValues;
import io.helidon.http.HttpException;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Set;

/** The one place where failures become answers. */
public final class Refusals {
  private static final Logger log = System.getLogger(Refusals.class.getName());

  private static final Set<Integer> BODY_UNREAD = Set.of(408, 413, 429);

  private Refusals() {}

  /** Adds the mapping to a listener's routing; last, as it also answers for unknown paths. */
  public static void addTo(HttpRouting.Builder routing) {
    routing
        .any("/*", Refusals::unknown)
        .error(HttpProblem.class, (request, response, problem) -> send(response, problem))
        .error(StoreUnavailableException.class, Refusals::unavailable)
        .error(HttpException.class, Refusals::library)
        .error(InterruptedException.class, Refusals::stopping)
        .error(Exception.class, Refusals::bug);
  }

  private static void unknown(ServerRequest request, ServerResponse response) {
    new ErrorBody(
            404,
            "not_found",
            "Nothing is at " + request.prologue().method() + " " + request.path().path())
        .send(response);
  }

  /** Whoever waited for something, as agents do, asks again when the next process is there. */
  private static void stopping(
      ServerRequest request, ServerResponse response, InterruptedException e) {
    Thread.currentThread().interrupt();
    throw new CloseConnectionException("The appliance is stopping");
  }

  private static void send(ServerResponse response, HttpProblem problem) {
    // What is left of these bodies is not waited for: a slow sender would hold the connection.
    boolean unread =
        BODY_UNREAD.contains(problem.body().status())
            || problem.body().code().equals(BodyReader.MALFORMED);
    if (unread) {
      response.header(HeaderValues.CONNECTION_CLOSE);
    }
    if (problem.retryAfterSeconds().isPresent()) {
      problem.body().send(response, problem.retryAfterSeconds().get());
    } else {
      problem.body().send(response);
    }
    if (unread) {
      throw new CloseConnectionException("The body was refused: " + problem.body().code());
    }
  }

  private static void unavailable(
      ServerRequest request, ServerResponse response, StoreUnavailableException e) {
    log.log(Level.DEBUG, "Refused while the store is unavailable: {0}", e.getMessage());
    new ErrorBody(
            503,
            "store_unavailable",
            "The database cannot be used now",
            "The log says why; it is tried again by itself")
        .send(response, 5);
  }

  private static void library(ServerRequest request, ServerResponse response, HttpException e) {
    new ErrorBody(e.status().code(), "bad_request", String.valueOf(e.getMessage())).send(response);
  }

  private static void bug(ServerRequest request, ServerResponse response, Exception e) {
    log.log(Level.ERROR, "Answering " + request.path().path() + " failed", e);
    new ErrorBody(500, "internal", "This request failed inside the appliance", "See its log")
        .send(response);
  }
}
