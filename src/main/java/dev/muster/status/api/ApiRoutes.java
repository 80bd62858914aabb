package dev.muster.status.api;

import dev.muster.fleet.job.JobId;
import dev.muster.kernel.http.ErrorBody;
import dev.muster.kernel.http.HttpProblem;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.HttpService;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** {@code GET /api/v1/*}. */
public final class ApiRoutes implements HttpService {
  private final Readers readers;

  public ApiRoutes(Readers readers) {
    this.readers = readers;
  }

  @Override
  public void routing(HttpRules rules) {
    rules
        .get("/status", (request, response) -> send(response, readers.status().read()))
        .get("/jobs", this::jobs)
        .get("/jobs/{id}", this::job)
        .get("/runners", this::runners)
        .get("/runners/{id}", this::runner)
        .get(
            "/pools",
            (request, response) ->
                send(response, readers.pools().list(EnvironmentGuard.Limit.of(request))))
        .get("/pools/{name}", this::pool)
        .get("/audit", this::audit)
        .get(
            "/environments",
            (request, response) ->
                send(response, readers.environments().list(EnvironmentGuard.Limit.of(request))))
        .get("/config", (request, response) -> send(response, readers.logs().config()))
        .get("/config/files", this::configFiles)
        .get(
            "/queue",
            (request, response) -> send(response, readers.logs().queue(slice(request).limit())))
        .get(
            "/deliveries",
            (request, response) -> send(response, readers.logs().deliveries(slice(request))))
        .get(
            "/cost",
            (request, response) ->
                send(
                    response,
                    readers
                        .costs()
                        .read(
                            parameter(request, "from"),
                            parameter(request, "to"),
                            EnvironmentGuard.Limit.of(request))))
        .get("/regions", (request, response) -> send(response, readers.regions().read()))
        .get("/openapi.json", ApiRoutes::description);
  }

  private void runners(ServerRequest request, ServerResponse response) {
    send(
        response,
        readers
            .runners()
            .list(
                parameter(request, "state"),
                parameter(request, "pool"),
                EnvironmentGuard.Limit.of(request),
                slice(request)));
  }

  private void runner(ServerRequest request, ServerResponse response) {
    String id = path(request, "id");
    send(
        response,
        readers
            .runners()
            .find(id)
            .filter(runner -> visible(request, runner.environment()))
            .orElseThrow(() -> unknown("runner", id)));
  }

  /** What another environment has is unknown to a token that is good for one alone. */
  private static boolean visible(ServerRequest request, @Nullable String environment) {
    return EnvironmentGuard.Limit.of(request).map(only -> only.equals(environment)).orElse(true);
  }

  private void configFiles(ServerRequest request, ServerResponse response) {
    send(
        response,
        readers
            .logs()
            .configFiles()
            .orElseThrow(() ->
                new HttpProblem(
                    new ErrorBody(404, "no_config", "No config is in force yet", "Push one"))));
  }

  private void audit(ServerRequest request, ServerResponse response) {
    long since = parameter(request, "since").map(text -> Slice.number("since", text)).orElse(0L);
    send(response, readers.logs().audit(since, slice(request)));
  }

  private static void description(ServerRequest request, ServerResponse response) {
    response.header(HeaderValues.CONTENT_TYPE_JSON);
    response.send(OpenApi.text());
  }

  private void jobs(ServerRequest request, ServerResponse response) {
    send(
        response,
        readers
            .jobs()
            .list(
                parameter(request, "state"),
                parameter(request, "pool"),
                EnvironmentGuard.Limit.of(request),
                slice(request)));
  }

  private void job(ServerRequest request, ServerResponse response) {
    String text = path(request, "id");
    Optional<JobDetail> job =
        text.matches("[1-9][0-9]{0,17}")
            ? readers.jobs().find(new JobId(Long.parseLong(text)))
            : Optional.empty();
    send(
        response,
        job.filter(found -> visible(request, found.job().environment()))
            .orElseThrow(() -> unknown("job", text)));
  }

  private void pool(ServerRequest request, ServerResponse response) {
    String name = path(request, "name");
    send(
        response,
        readers
            .pools()
            .find(name)
            .filter(pool -> visible(request, pool.pool().environment()))
            .orElseThrow(() -> unknown("pool", name)));
  }

  private static Slice slice(ServerRequest request) {
    return Slice.of(parameter(request, "limit"), parameter(request, "before"));
  }

  private static Optional<String> parameter(ServerRequest request, String name) {
    return request.query().first(name).asOptional().filter(text -> !text.isEmpty());
  }

  private static String path(ServerRequest request, String name) {
    return request.path().pathParameters().get(name);
  }

  private static HttpProblem unknown(String what, String id) {
    String shown = id.length() <= 100 ? id : id.substring(0, 100) + "…";
    return new HttpProblem(
        new ErrorBody(404, "unknown_" + what, "There is no " + what + " " + shown));
  }

  private static void send(ServerResponse response, Object view) {
    response.header(HeaderValues.CONTENT_TYPE_JSON);
    response.header(HeaderValues.create(HeaderNames.CACHE_CONTROL, "no-store"));
    response.send(ApiJson.write(view));
  }
}
