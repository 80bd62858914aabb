package dev.muster.operator;

import static dev.muster.kernel.http.JsonExchange.malformed;
import static dev.muster.kernel.http.JsonExchange.send;

import dev.muster.fleet.acceptance.Acceptance;
import dev.muster.fleet.acceptance.AcceptanceId;
import dev.muster.fleet.acceptance.AcceptancePlan;
import dev.muster.fleet.acceptance.AcceptanceStep;
import dev.muster.fleet.acceptance.Acceptances;
import dev.muster.fleet.spec.Os;
import dev.muster.kernel.access.Access;
import dev.muster.kernel.access.Principal;
import dev.muster.kernel.access.Role;
import dev.muster.kernel.http.BodyReader;
import dev.muster.kernel.http.ErrorBody;
import dev.muster.kernel.http.HttpProblem;
import dev.muster.kernel.http.JsonExchange;
import dev.muster.kernel.reconcile.StalledException;
import dev.muster.kernel.reconcile.TransientException;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.HttpService;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Acceptances over HTTP, under {@code /api/v1} of the admin listener. */
public final class AcceptanceRoutes implements HttpService {
  private static final int BODY = 64 << 10;
  private final Acceptances acceptances;
  private final Access access;
  private final JsonExchange json;

  public AcceptanceRoutes(Acceptances acceptances, Access access, BodyReader bodies) {
    this.acceptances = acceptances;
    this.access = access;
    this.json = new JsonExchange(bodies);
  }

  @Override
  public void routing(HttpRules rules) {
    rules
        .get("/acceptance-forecast", this::forecast)
        .post("/acceptances", this::begin)
        .get("/acceptances/{id}", this::show);
  }

  private record Wish(Optional<String> repository, Optional<String> os, Optional<String> pool) {}

  private record ForecastView(
      String repository,
      String pool,
      String provider,
      String region,
      int machines,
      long minutes,
      Optional<Double> mostUsd,
      boolean estimated) {
    static ForecastView of(AcceptancePlan.Possible plan) {
      return new ForecastView(
          plan.place().repository(),
          plan.pool().name(),
          plan.pool().runner().provider().word(),
          plan.pool().region(),
          plan.machines(),
          plan.longest().toMinutes(),
          plan.mostMicroUsd().map(micros -> micros / 1e6),
          plan.price().map(p -> p.estimated()).orElse(false));
    }
  }

  private record AcceptanceView(
      String id,
      String repository,
      String pool,
      String os,
      String state,
      Instant createdAt,
      Optional<Instant> endedAt,
      List<StepView> steps) {
    static AcceptanceView of(Acceptance acceptance) {
      String outcome = acceptance.failed() ? "failed" : "passed";
      return new AcceptanceView(
          acceptance.id().value(),
          acceptance.place().repository(),
          acceptance.pool(),
          acceptance.os().word(),
          acceptance.endedAt().isPresent() ? outcome : "running",
          acceptance.createdAt(),
          acceptance.endedAt(),
          acceptance.steps().stream().map(StepView::of).toList());
    }
  }

  private record StepView(
      String step,
      String state,
      Optional<Instant> startedAt,
      Optional<Instant> endedAt,
      String evidence) {
    static StepView of(AcceptanceStep step) {
      return new StepView(
          step.kind().word(),
          step.state().word(),
          step.startedAt(),
          step.endedAt(),
          step.evidence());
    }
  }

  private Principal admin(ServerRequest request) {
    return access.require(
        request.headers().first(HeaderNames.AUTHORIZATION).orElse(null), Role.ADMIN);
  }

  private void forecast(ServerRequest request, ServerResponse response) {
    admin(request);
    Wish wish =
        new Wish(
            request.query().first("repository").asOptional(),
            request.query().first("os").asOptional(),
            request.query().first("pool").asOptional());
    send(response, ForecastView.of(plan(wish)));
  }

  private void begin(ServerRequest request, ServerResponse response) {
    Principal who = admin(request);
    AcceptancePlan.Possible plan = plan(json.read(request, Wish.class, BODY));
    switch (acceptances.begin(who.actor(), plan)) {
      case Acceptances.Begun.Yes(Acceptance acceptance) ->
          send(response.status(Status.CREATED_201), AcceptanceView.of(acceptance));
      case Acceptances.Begun.Another(AcceptanceId running) ->
          throw conflict("Acceptance " + running + " runs; wait for its end");
    }
  }

  private void show(ServerRequest request, ServerResponse response) {
    admin(request);
    String name = request.path().pathParameters().get("id");
    AcceptanceId id;
    try {
      id = new AcceptanceId(name);
    } catch (IllegalArgumentException e) {
      throw malformed(String.valueOf(e.getMessage()));
    }
    Acceptance acceptance =
        acceptances.find(id).orElseThrow(() -> Operator.notFound("There is no acceptance " + id));
    send(response, AcceptanceView.of(acceptance));
  }

  private AcceptancePlan.Possible plan(Wish wish) {
    String repository =
        wish.repository()
            .orElseThrow(() -> malformed("repository says whose workflow is run: OWNER/NAME"));
    try {
      return switch (acceptances.plan(repository, os(wish.os()), wish.pool())) {
        case AcceptancePlan.Possible possible -> possible;
        case AcceptancePlan.Impossible(String reason) -> throw conflict(reason);
      };
    } catch (IllegalArgumentException e) {
      throw malformed("'" + repository + "' is not a repository's name, OWNER/NAME");
    } catch (StalledException | TransientException e) {
      throw conflict(String.valueOf(e.getMessage()));
    }
  }

  private static Os os(Optional<String> word) {
    try {
      return word.map(w -> Os.valueOf(w.toUpperCase(Locale.ROOT))).orElse(Os.LINUX);
    } catch (IllegalArgumentException e) {
      throw malformed("os is linux or windows");
    }
  }

  private static HttpProblem conflict(String message) {
    return new HttpProblem(new ErrorBody(409, "conflict", message));
  }
}
