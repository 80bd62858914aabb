package dev.muster.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.muster.sandbox.SandboxAccess.Budget;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Status;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.HttpService;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.commons.codec.digest.DigestUtils;

/** The REST calls of GitHub that Muster makes. */
final class SandboxRoutes implements HttpService {
  /** What the App may do, as its owner granted it by the guide. */
  private static final Map<String, String> GRANTED =
      Map.of(
          "actions", "write",
          "administration", "write",
          "checks", "write",
          "contents", "read",
          "metadata", "read",
          "organization_self_hosted_runners", "write");

  private static final List<String> SENT = List.of("push", "workflow_job", "workflow_run");

  private static final int DEFAULT_PAGE = 30;
  private static final int LARGEST_PAGE = 100;

  private final SandboxApp app;
  private final SandboxModel model;
  private final SandboxChecks checks;
  private final SandboxAccess access;
  private final SandboxHooks hooks;
  private final SandboxJson json;
  private final ObjectMapper mapper = new ObjectMapper();
  private final Queue<Refusal> ordered = new ConcurrentLinkedQueue<>();

  SandboxRoutes(
      SandboxApp app,
      SandboxModel model,
      SandboxChecks checks,
      SandboxAccess access,
      SandboxHooks hooks,
      SandboxJson json) {
    this.app = app;
    this.model = model;
    this.checks = checks;
    this.access = access;
    this.hooks = hooks;
    this.json = json;
  }

  /** The next call is refused like this, whatever it is. */
  void refuseNext(Refusal refusal) {
    ordered.add(refusal);
  }

  @Override
  public void routing(HttpRules rules) {
    String repo = "/repos/{owner}/{repo}/actions";
    String org = "/orgs/{owner}/actions";
    rules
        .get("/app", this::app)
        .get("/app/hook/config", this::hook)
        .get("/app/hook/deliveries", this::deliveries)
        .get("/app/hook/deliveries/{id}", this::delivery)
        .get("/orgs/{owner}/installation", (req, res) -> installation(req, res, false))
        .get("/users/{owner}/installation", (req, res) -> installation(req, res, true))
        .post("/app/installations/{id}/access_tokens", this::token)
        .get(org + "/runner-groups", this::groups)
        .post("/repos/{owner}/{repo}/check-runs", this::createCheck)
        .get("/repos/{owner}/{repo}/commits/{sha}/check-runs", this::checks)
        .get("/repos/{owner}/{repo}", this::repositoryItself)
        .get(repo + "/workflows/{file}", this::workflow)
        .post(repo + "/workflows/{file}/dispatches", this::dispatch)
        .get(repo + "/jobs/{id}", this::job)
        .post(repo + "/jobs/{id}/rerun", this::rerun)
        .get(repo + "/runs", this::runs)
        .get(repo + "/runs/{id}", this::run)
        .get(repo + "/runs/{id}/jobs", this::jobsOfRun)
        .post(repo + "/runs/{id}/cancel", this::cancel)
        .post(repo + "/runs/{id}/rerun-failed-jobs", this::rerunFailed);
    for (String scope : List.of(repo, org)) {
      rules
          .post(scope + "/runners/generate-jitconfig", this::register)
          .get(scope + "/runners", this::runners)
          .delete(scope + "/runners/{id}", this::deleteRunner);
    }
  }

  private void app(ServerRequest request, ServerResponse response) {
    Budget budget = asApp(request, response);
    ObjectNode node = json.object();
    node.put("id", app.id()).put("slug", app.slug()).put("name", "Muster sandbox");
    GRANTED.forEach(node.putObject("permissions")::put);
    SENT.forEach(node.putArray("events")::add);
    answer(request, response, budget, 200, node);
  }

  private void hook(ServerRequest request, ServerResponse response) {
    Budget budget = asApp(request, response);
    ObjectNode node = json.object();
    hooks.target().ifPresent(url -> node.put("url", url.toString()));
    node.put("content_type", "json").put("insecure_ssl", "0");
    answer(request, response, budget, 200, node);
  }

  private void deliveries(ServerRequest request, ServerResponse response) {
    Budget budget = asApp(request, response);
    int size = pageSize(request);
    Optional<Long> cursor = request.query().first("cursor").asOptional().map(this::number);
    List<SandboxDelivery> page = hooks.before(cursor, size + 1);
    ArrayNode list = mapper.createArrayNode();
    page.stream().limit(size).forEach(delivery -> list.add(summary(delivery)));
    if (page.size() > size) {
      link(request, response, "cursor=" + page.get(size - 1).id() + "&per_page=" + size);
    }
    answer(request, response, budget, 200, list);
  }

  private void delivery(ServerRequest request, ServerResponse response) throws IOException {
    Budget budget = asApp(request, response);
    SandboxDelivery delivery = hooks.delivery(id(request)).orElseThrow(Refusal::notFound);
    ObjectNode node = summary(delivery);
    ObjectNode sent = node.putObject("request");
    sent.putObject("headers")
        .put("X-GitHub-Delivery", delivery.guid())
        .put("X-GitHub-Event", delivery.about().event());
    sent.set("payload", mapper.readTree(delivery.payload()));
    node.putObject("response").putObject("headers");
    answer(request, response, budget, 200, node);
  }

  private ObjectNode summary(SandboxDelivery delivery) {
    HookEvent about = delivery.about();
    return json.object()
        .put("id", delivery.id())
        .put("guid", delivery.guid())
        .put("delivered_at", delivery.deliveredAt().toString())
        .put("redelivery", false)
        .put("duration", 0.1)
        .put("status", delivery.status())
        .put("status_code", delivery.statusCode())
        .put("event", about.event())
        .put("action", about.action().isEmpty() ? null : about.action())
        .put(
            "installation_id",
            access.installation(SandboxModel.ownerOf(about.repository())).orElse(null));
  }

  private void installation(ServerRequest request, ServerResponse response, boolean user) {
    Budget budget = asApp(request, response);
    String owner = parameter(request, "owner");
    long id =
        access
            .installation(owner)
            .filter(found -> access.isUser(owner) == user)
            .orElseThrow(Refusal::notFound);
    ObjectNode node = json.object().put("id", id).put("app_id", app.id());
    node.putObject("account").put("login", owner);
    answer(request, response, budget, 200, node);
  }

  private void token(ServerRequest request, ServerResponse response) {
    Budget budget = asApp(request, response);
    SandboxAccess.Token token = access.newToken(id(request));
    ObjectNode node = json.object();
    node.put("token", token.value()).put("expires_at", SandboxJson.time(token.expiresAt()));
    answer(request, response, budget, 201, node);
  }

  private void register(ServerRequest request, ServerResponse response) {
    Budget budget = asInstallation(request, response, SandboxAccess.REGISTRATION);
    JsonNode wish = body(request);
    List<String> labels = new ArrayList<>();
    wish.path("labels").forEach(label -> labels.add(label.asText()));
    if (labels.isEmpty() || !wish.path("runner_group_id").isIntegralNumber()) {
      throw new Refusal(422, "Invalid request: name, runner_group_id and labels are required.");
    }
    SandboxModel.Seated seated =
        model.register(
            scope(request),
            wish.path("name").asText(),
            wish.path("runner_group_id").asLong(),
            labels);
    ObjectNode node = json.object();
    node.set("runner", json.runner(seated.registration()));
    node.put("encoded_jit_config", json.jitConfig(base(request), seated));
    answer(request, response, budget, 201, node);
  }

  private void runners(ServerRequest request, ServerResponse response) {
    Budget budget = asInstallation(request, response);
    List<ObjectNode> all = model.runners(scope(request)).stream().map(json::runner).toList();
    answerPage(request, response, budget, "runners", all);
  }

  private void deleteRunner(ServerRequest request, ServerResponse response) {
    asInstallation(request, response);
    model.delete(scope(request), id(request));
    response.status(Status.NO_CONTENT_204).send();
  }

  private void groups(ServerRequest request, ServerResponse response) {
    Budget budget = asInstallation(request, response);
    List<ObjectNode> all =
        model.groups(parameter(request, "owner")).stream().map(json::group).toList();
    answerPage(request, response, budget, "runner_groups", all);
  }

  private void job(ServerRequest request, ServerResponse response) {
    Budget budget = asInstallation(request, response);
    SandboxJob job = model.job(repository(request), id(request)).orElseThrow(Refusal::notFound);
    answer(request, response, budget, 200, json.job(job));
  }

  private void runs(ServerRequest request, ServerResponse response) {
    Budget budget = asInstallation(request, response);
    Optional<SandboxJob.Status> status =
        request
            .query()
            .first("status")
            .asOptional()
            .map(word -> SandboxJob.Status.valueOf(word.toUpperCase(Locale.ROOT)));
    List<ObjectNode> all = model.runs(repository(request), status).stream().map(json::run).toList();
    answerPage(request, response, budget, "workflow_runs", all);
  }

  private void run(ServerRequest request, ServerResponse response) {
    Budget budget = asInstallation(request, response);
    SandboxRun run = model.run(repository(request), id(request)).orElseThrow(Refusal::notFound);
    answer(request, response, budget, 200, json.run(run));
  }

  private void jobsOfRun(ServerRequest request, ServerResponse response) {
    Budget budget = asInstallation(request, response);
    List<ObjectNode> all =
        model.jobsOf(repository(request), id(request)).stream().map(json::job).toList();
    answerPage(request, response, budget, "jobs", all);
  }

  private void createCheck(ServerRequest request, ServerResponse response) {
    Budget budget = asInstallation(request, response);
    SandboxCheck check = checks.create(repository(request), body(request));
    answer(request, response, budget, 201, json.check(check));
  }

  private void checks(ServerRequest request, ServerResponse response) {
    Budget budget = asInstallation(request, response);
    Optional<String> name = request.query().first("check_name").asOptional();
    List<ObjectNode> all =
        checks.of(repository(request), parameter(request, "sha"), name).stream()
            .map(json::check)
            .toList();
    answerPage(request, response, budget, "check_runs", all);
  }

  private void rerun(ServerRequest request, ServerResponse response) {
    Budget budget = asInstallation(request, response);
    model.rerun(repository(request), id(request));
    answer(request, response, budget, 201, json.object());
  }

  private void rerunFailed(ServerRequest request, ServerResponse response) {
    Budget budget = asInstallation(request, response);
    model.rerunFailed(repository(request), id(request));
    answer(request, response, budget, 201, json.object());
  }

  private void repositoryItself(ServerRequest request, ServerResponse response) {
    Budget budget = asInstallation(request, response);
    ObjectNode node = json.object();
    node.put("full_name", repository(request)).put("default_branch", "main");
    answer(request, response, budget, 200, node);
  }

  private void workflow(ServerRequest request, ServerResponse response) {
    Budget budget = asInstallation(request, response);
    String file = parameter(request, "file");
    if (!model.hasWorkflow(repository(request), file)) {
      throw Refusal.notFound();
    }
    ObjectNode node = json.object();
    node.put("path", ".github/workflows/" + file).put("state", "active");
    answer(request, response, budget, 200, node);
  }

  private void dispatch(ServerRequest request, ServerResponse response) {
    asInstallation(request, response);
    JsonNode wish = body(request);
    if (!wish.path("ref").asText().equals("main")) {
      throw new Refusal(422, "No ref found for: " + wish.path("ref").asText());
    }
    Map<String, String> inputs = new LinkedHashMap<>();
    wish.path("inputs").properties().forEach(i -> inputs.put(i.getKey(), i.getValue().asText()));
    model.dispatch(repository(request), parameter(request, "file"), inputs);
    response.status(Status.NO_CONTENT_204).send();
  }

  private void cancel(ServerRequest request, ServerResponse response) {
    Budget budget = asInstallation(request, response);
    model.cancelRun(repository(request), id(request));
    answer(request, response, budget, 202, json.object());
  }

  private Budget asApp(ServerRequest request, ServerResponse response) {
    refuseAsOrdered();
    return shown(response, access.authorizeApp(authorization(request)));
  }

  private Budget asInstallation(ServerRequest request, ServerResponse response) {
    return asInstallation(request, response, SandboxAccess.CORE);
  }

  private Budget asInstallation(ServerRequest request, ServerResponse response, String resource) {
    refuseAsOrdered();
    return shown(
        response, access.authorize(authorization(request), parameter(request, "owner"), resource));
  }

  private void refuseAsOrdered() {
    Refusal refusal = ordered.poll();
    if (refusal != null) {
      throw refusal;
    }
  }

  private void answerPage(
      ServerRequest request,
      ServerResponse response,
      Budget budget,
      String name,
      List<ObjectNode> all) {
    int size = pageSize(request);
    int page = request.query().first("page").asOptional().map(this::number).orElse(1L).intValue();
    List<ObjectNode> shown = all.stream().skip((long) (page - 1) * size).limit(size).toList();
    if ((long) page * size < all.size()) {
      String status =
          request.query().first("status").asOptional().map(s -> "status=" + s + "&").orElse("");
      link(request, response, status + "per_page=" + size + "&page=" + (page + 1));
    }
    answer(request, response, budget, 200, json.counted(name, all.size(), shown));
  }

  private void answer(
      ServerRequest request, ServerResponse response, Budget budget, int status, JsonNode body) {
    String text = body.toString();
    if (status == 200) {
      String etag = "\"" + DigestUtils.sha256Hex(text) + "\"";
      header(response, HeaderNames.ETAG, etag);
      if (request.headers().first(HeaderNames.IF_NONE_MATCH).filter(etag::equals).isPresent()) {
        shown(response, access.refund(budget));
        response.status(Status.NOT_MODIFIED_304).send();
        return;
      }
    }
    response.status(Status.create(status));
    response.header(HeaderValues.CONTENT_TYPE_JSON);
    response.send(text);
  }

  /** On refusals too, which come after this. */
  private static Budget shown(ServerResponse response, Budget budget) {
    SandboxAccess.headers(budget)
        .forEach((name, value) -> header(response, HeaderNames.create(name), value));
    return budget;
  }

  private static void link(ServerRequest request, ServerResponse response, String query) {
    header(
        response,
        HeaderNames.LINK,
        "<%s%s?%s>; rel=\"next\"".formatted(base(request), request.path().path(), query));
  }

  static void header(ServerResponse response, HeaderName name, String value) {
    response.header(HeaderValues.create(name, value));
  }

  private static String base(ServerRequest request) {
    return "http://" + request.authority();
  }

  private static String scope(ServerRequest request) {
    return request.path().pathParameters().contains("repo")
        ? "repos/" + repository(request)
        : "orgs/" + parameter(request, "owner");
  }

  private static String repository(ServerRequest request) {
    return parameter(request, "owner") + "/" + parameter(request, "repo");
  }

  private static String parameter(ServerRequest request, String name) {
    return request.path().pathParameters().get(name);
  }

  private static Optional<String> authorization(ServerRequest request) {
    return request.headers().first(HeaderNames.AUTHORIZATION);
  }

  private long id(ServerRequest request) {
    return number(parameter(request, "id"));
  }

  private int pageSize(ServerRequest request) {
    long asked =
        request
            .query()
            .first("per_page")
            .asOptional()
            .map(this::number)
            .orElse((long) DEFAULT_PAGE);
    return Math.toIntExact(Math.clamp(asked, 1, LARGEST_PAGE));
  }

  private long number(String text) {
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw Refusal.notFound();
    }
  }

  private JsonNode body(ServerRequest request) {
    try {
      return mapper.readTree(request.content().as(byte[].class));
    } catch (IOException e) {
      throw new Refusal(400, "Problems parsing JSON");
    }
  }
}
