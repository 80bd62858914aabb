package dev.muster.operator;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
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
import dev.muster.kernel.reconcile.StalledException;
import dev.muster.kernel.reconcile.TransientException;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Status;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.HttpService;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Acceptances over HTTP, under {@code /api/v1} of the admin listener. */
public final class AcceptanceRoutes implements HttpService {
  private static final int BODY = 64 << 10;
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .addModule(new Jdk8Module())
          .addModule(new JavaTimeModule())
          .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .build();

  private final Acceptances acceptances;
  private final Access access;
  private final BodyReader bodies;

  public AcceptanceRoutes(Acceptances acceptances, Access access, BodyReader bodies) {
    this.acceptances = acceptances;
    this.access = access;
    this.bodies = bodies;
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
    send(response, Status.OK_200, ForecastView.of(plan(wish)));
  }

  private void begin(ServerRequest request, ServerResponse response) {
    Principal who = admin(request);
    AcceptancePlan.Possible plan = plan(read(request));
    switch (acceptances.begin(who.actor(), plan)) {
      case Acceptances.Begun.Yes(Acceptance acceptance) ->
          send(response, Status.CREATED_201, AcceptanceView.of(acceptance));
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
    send(response, Status.OK_200, AcceptanceView.of(acceptance));
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

  private Wish read(ServerRequest request) {
    try (BodyReader.Body body = bodies.read(request, BODY)) {
      Wish wish = JSON.readValue(body.bytes(), Wish.class);
      if (wish == null) {
        throw malformed("the body is a JSON object");
      }
      return wish;
    } catch (JsonProcessingException e) {
      throw malformed("the body is not what this takes: " + e.getOriginalMessage());
    } catch (IOException e) {
      throw malformed("the body cannot be read");
    }
  }

  private static HttpProblem malformed(String message) {
    return new HttpProblem(new ErrorBody(400, "malformed", message));
  }

  private static HttpProblem conflict(String message) {
    return new HttpProblem(new ErrorBody(409, "conflict", message));
  }

  private static void send(ServerResponse response, Status status, Object view) {
    response.status(status);
    response.header(HeaderValues.CONTENT_TYPE_JSON);
    try {
      response.send(JSON.writeValueAsBytes(view));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("A view can always be written", e);
    }
  }
}
