package dev.muster.operator;

import static dev.muster.kernel.http.JsonExchange.malformed;
import static dev.muster.kernel.http.JsonExchange.send;

import dev.muster.config.ChangeSummary;
import dev.muster.config.ConfigLoader;
import dev.muster.config.InForce;
import dev.muster.config.LoadResult;
import dev.muster.config.Problem;
import dev.muster.config.Revision;
import dev.muster.config.Snapshot;
import dev.muster.fleet.job.JobId;
import dev.muster.fleet.pool.Pauses;
import dev.muster.fleet.runner.RunnerId;
import dev.muster.kernel.access.Access;
import dev.muster.kernel.access.Principal;
import dev.muster.kernel.access.Role;
import dev.muster.kernel.access.Tokens;
import dev.muster.kernel.audit.AuditLog;
import dev.muster.kernel.backup.BackupArchive;
import dev.muster.kernel.home.Home;
import dev.muster.kernel.http.BodyReader;
import dev.muster.kernel.http.JsonExchange;
import dev.muster.kernel.store.Database;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Status;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.HttpService;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The operations over HTTP, under {@code /api/v1} of the admin listener. */
public final class OperatorRoutes implements HttpService {
  private static final int SMALL_BODY = 64 << 10;
  private static final int PLAN_BODY = 24 << 20;

  private final Operator operator;
  private final Access access;
  private final JsonExchange json;
  private final Database database;
  private final AuditLog audit;
  private final List<AuditLog.SealedRows> sealed;
  private final Home home;
  private final InstantSource clock;
  private final ConfigLoader loader;
  private final InForce inForce;
  private final ChangeSummary changes;
  private final Forecast forecast;
  private final Checks checks;

  /** What a config costs. */
  public interface Forecast {
    /** The cost of a month beside what it was, for people. */
    String monthly(Optional<Snapshot> before, Snapshot after);
  }

  public OperatorRoutes(
      Operator operator,
      Access access,
      BodyReader bodies,
      Database database,
      AuditLog audit,
      List<AuditLog.SealedRows> sealed,
      Home home,
      InstantSource clock,
      ConfigLoader loader,
      InForce inForce,
      ChangeSummary changes,
      Forecast forecast,
      Checks checks) {
    this.operator = operator;
    this.access = access;
    this.json = new JsonExchange(bodies);
    this.database = database;
    this.audit = audit;
    this.sealed = List.copyOf(sealed);
    this.home = home;
    this.clock = clock;
    this.loader = loader;
    this.inForce = inForce;
    this.changes = changes;
    this.forecast = forecast;
    this.checks = checks;
  }

  @Override
  public void routing(HttpRules rules) {
    rules
        .post("/pauses", this::pause)
        .delete("/pauses/{scope}", this::resume)
        .delete("/pauses/{scope}/{name}", this::resume)
        .post("/runners/{id}/termination", this::terminate)
        .post("/jobs/{id}/retry", this::retry)
        .get("/tokens", this::tokens)
        .post("/tokens", this::createToken)
        .delete("/tokens/{id}", this::revokeToken)
        .delete("/notices/{id}", this::settle)
        .get("/backup", this::backup)
        .get("/audit/verification", this::verify)
        .get("/checks", this::check)
        .post("/plan", this::plan);
  }

  private Principal admin(ServerRequest request) {
    return access.require(
        request.headers().first(HeaderNames.AUTHORIZATION).orElse(null), Role.ADMIN);
  }

  /** For what {@link Operator} does in the environment of a token alone. */
  private Principal adminSomewhere(ServerRequest request) {
    return access.requireSomewhere(
        request.headers().first(HeaderNames.AUTHORIZATION).orElse(null), Role.ADMIN);
  }

  private record PauseRequest(String scope, String name) {}

  private void pause(ServerRequest request, ServerResponse response) {
    Principal who = adminSomewhere(request);
    PauseRequest wish = json.read(request, PauseRequest.class, SMALL_BODY);
    operator.pause(
        who, scope(String.valueOf(wish.scope())), wish.name() == null ? "" : wish.name());
    sendPauses(who, response);
  }

  private void resume(ServerRequest request, ServerResponse response) {
    Principal who = adminSomewhere(request);
    operator.resume(
        who,
        scope(request.path().pathParameters().get("scope")),
        request.path().pathParameters().first("name").orElse(""));
    sendPauses(who, response);
  }

  private void sendPauses(Principal who, ServerResponse response) {
    List<PauseView> pauses =
        database.read(Pauses::all).stream()
            .filter(pause -> operator.touches(who, pause.scope(), pause.name()))
            .map(PauseView::of)
            .toList();
    send(response, Map.of("pauses", pauses));
  }

  private record PauseView(String scope, String name, Instant at, String actor) {
    static PauseView of(Pauses.Pause pause) {
      return new PauseView(pause.scope().word(), pause.name(), pause.at(), pause.actor());
    }
  }

  private static Pauses.Scope scope(String word) {
    try {
      return Pauses.Scope.valueOf(word.toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      throw malformed("scope is all, environment or pool, not '" + word + "'");
    }
  }

  private record Termination(boolean force) {}

  private void terminate(ServerRequest request, ServerResponse response) {
    Principal who = adminSomewhere(request);
    Termination wish = json.read(request, Termination.class, SMALL_BODY);
    RunnerId id;
    try {
      id = new RunnerId(request.path().pathParameters().get("id"));
    } catch (IllegalArgumentException e) {
      throw malformed(String.valueOf(e.getMessage()));
    }
    operator.terminate(who, id, wish.force());
    response.status(Status.ACCEPTED_202).send();
  }

  private void retry(ServerRequest request, ServerResponse response) {
    Principal who = adminSomewhere(request);
    JobId id;
    try {
      id = new JobId(Long.parseLong(request.path().pathParameters().get("id")));
    } catch (IllegalArgumentException e) {
      throw malformed("a job's id is GitHub's number of it");
    }
    operator.retry(who, id);
    response.status(Status.ACCEPTED_202).send();
  }

  private record TokenView(
      String id,
      String name,
      String role,
      Optional<String> environment,
      Instant createdAt,
      Optional<Instant> revokedAt) {
    static TokenView of(Tokens.Listed token) {
      return new TokenView(
          token.id(),
          token.name(),
          token.role().word(),
          token.environment(),
          token.createdAt(),
          token.revokedAt());
    }
  }

  private void tokens(ServerRequest request, ServerResponse response) {
    admin(request);
    send(response, Map.of("tokens", operator.tokens().stream().map(TokenView::of).toList()));
  }

  private record TokenRequest(String name, String role, @Nullable String environment) {}

  private void createToken(ServerRequest request, ServerResponse response) {
    Principal who = admin(request);
    TokenRequest wish = json.read(request, TokenRequest.class, SMALL_BODY);
    if (wish.name() == null || wish.name().isBlank() || wish.name().length() > 100) {
      throw malformed("name is 1 to 100 characters, for the audit and the list of tokens");
    }
    Role role;
    try {
      role = Role.valueOf(String.valueOf(wish.role()).toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      throw malformed("role is admin, push or read");
    }
    if (wish.environment() != null && role == Role.PUSH) {
      throw malformed("a push concerns every environment: a token of one alone is admin or read");
    }
    Tokens.Created created =
        operator.createToken(who, wish.name(), role, Optional.ofNullable(wish.environment()));
    response.header(HeaderValues.create(HeaderNames.CACHE_CONTROL, "no-store"));
    send(response, Map.of("id", created.id(), "token", created.value()));
  }

  private void revokeToken(ServerRequest request, ServerResponse response) {
    Principal who = admin(request);
    operator.revokeToken(who, request.path().pathParameters().get("id"));
    response.status(Status.NO_CONTENT_204).send();
  }

  private void settle(ServerRequest request, ServerResponse response) {
    Principal who = admin(request);
    operator.settle(who, request.path().pathParameters().get("id"));
    response.status(Status.NO_CONTENT_204).send();
  }

  private void backup(ServerRequest request, ServerResponse response) throws IOException {
    admin(request);
    Path file = Files.createTempFile("muster-backup-", ".zip");
    try {
      BackupArchive.write(database, home, file);
      response.header(HeaderValues.create(HeaderNames.CONTENT_TYPE, "application/zip"));
      try (OutputStream out = response.outputStream()) {
        Files.copy(file, out);
      }
    } finally {
      Files.deleteIfExists(file);
    }
  }

  private record Verification(
      boolean intact, long batches, long entries, String head, Optional<String> problem) {}

  private void verify(ServerRequest request, ServerResponse response) {
    admin(request);
    AuditLog.Verdict verdict = database.read(read -> audit.verify(read, sealed));
    send(
        response,
        switch (verdict) {
          case AuditLog.Verdict.Intact(long batches, long entries, String head) ->
              new Verification(true, batches, entries, head, Optional.empty());
          case AuditLog.Verdict.Broken(long batch, String reason) ->
              new Verification(false, 0, 0, "", Optional.of("batch " + batch + ": " + reason));
        });
  }

  private void check(ServerRequest request, ServerResponse response) throws InterruptedException {
    admin(request);
    send(response, Map.of("checks", checks.run()));
  }

  private record PlanAnswer(
      boolean valid, List<ProblemView> problems, List<String> changes, String costPerMonth) {}

  private record ProblemView(
      String file, int line, int column, String severity, String message, Optional<String> hint) {
    static List<ProblemView> of(List<Problem> problems) {
      return problems.stream()
          .map(p ->
              new ProblemView(
                  p.file(), p.line(), p.column(), p.severity().word(), p.message(), p.hint()))
          .toList();
    }
  }

  /** What is refused costs nothing that could be told. */
  private static final String UNKNOWN_COST = "unknown";

  private void plan(ServerRequest request, ServerResponse response) {
    access.require(request.headers().first(HeaderNames.AUTHORIZATION).orElse(null), Role.READ);
    PlanRequest wish = json.read(request, PlanRequest.class, PLAN_BODY);
    Revision revision =
        new Revision("worktree", "plan", "plan", "what a push would change", clock.instant());
    send(
        response,
        switch (loader.load(revision, wish.tree())) {
          case LoadResult.Rejected(Revision r, List<Problem> problems) ->
              new PlanAnswer(false, ProblemView.of(problems), List.of(), UNKNOWN_COST);
          case LoadResult.Accepted(Snapshot snapshot, List<Problem> warnings) ->
              new PlanAnswer(
                  true,
                  ProblemView.of(warnings),
                  changes.lines(inForce.get(), snapshot),
                  forecast.monthly(inForce.get(), snapshot));
        });
  }
}
