package dev.muster;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A token that is good for environment {@code mine} alone, at every route that there is: it never
 * sees or changes anything of {@code crownjewels}, nor what concerns both.
 */
class EnvironmentTokenTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String CONFIG =
      """
      version: "1"
      defaults: { provider: local, environment: mine }
      github: { app: { id: 1, private_key: { secret: newer } }, webhook_secret: { secret: newer } }
      runners:
        - { name: here, provider: local, slots: 9, command: [/bin/true] }
      environments:
        mine: { allow: { forks: true } }
        crownjewels: { allow: { forks: true } }
      pools:
        - { name: mine-pool, runner: here, environment: mine }
        - { name: crownjewels-pool, runner: here, environment: crownjewels }
      """;

  @TempDir static Path folder;
  private static ApplianceFixture appliance;
  private static String limited;
  private static String theirRunner;

  @BeforeAll
  static void start() throws Exception {
    appliance = ApplianceFixture.start(folder, Map.of()).configured(CONFIG);
    limited = create("admin", "mine").path("token").asText();
    deliver(1, "mine-pool");
    deliver(2, "crownjewels-pool");
    Instant until = Instant.now().plusSeconds(30);
    do {
      assertThat(Instant.now()).as("both have runners").isBefore(until);
      theirRunner = runner("crownjewels-pool");
    } while (theirRunner.isEmpty() || runner("mine-pool").isEmpty());
  }

  @AfterAll
  static void stop() {
    appliance.close();
  }

  private static String runner(String pool) throws Exception {
    JsonNode runners =
        JSON.readTree(ask("GET", "/api/v1/runners?pool=" + pool, "", appliance.token()).body());
    return runners.path("runners").path(0).path("id").asText("");
  }

  private static JsonNode create(String role, String environment) throws Exception {
    String body =
        "{\"name\": \"t\", \"role\": \"%s\", \"environment\": \"%s\"}".formatted(role, environment);
    return JSON.readTree(ask("POST", "/api/v1/tokens", body, appliance.token()).body());
  }

  private static void deliver(long job, String pool) throws Exception {
    String now = Instant.now().toString();
    byte[] body =
        """
        {"action": "queued", "repository": {"full_name": "acme/hello", "private": true},
         "workflow_job": {"id": %d, "run_id": %d, "run_attempt": 1, "name": "build",
           "labels": ["muster/pool=%s"], "created_at": "%s", "started_at": "%s", "completed_at": null,
           "conclusion": null, "runner_name": ""}}
        """
            .formatted(job, job, pool, now, now)
            .getBytes(StandardCharsets.UTF_8);
    assertThat(
            appliance
                .send(appliance.delivery("d-" + job, "workflow_job", body).build())
                .statusCode())
        .isEqualTo(202);
  }

  private static HttpResponse<String> ask(String method, String path, String body, String token)
      throws Exception {
    URI url = appliance.admin(path);
    return appliance.send(
        HttpRequest.newBuilder(url)
            .header("Authorization", "Bearer " + token)
            .header("Content-Type", "application/json")
            .method(
                method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
            .build());
  }

  private static HttpResponse<String> limited(String method, String path, String body)
      throws Exception {
    return ask(method, path, body, limited);
  }

  /** What a path's parameters are: always another environment's. */
  private static List<String> paths(String described) {
    List<String> paths = new ArrayList<>();
    if (described.contains("{scope}")) {
      paths.add(described.replace("{scope}", "all").replace("/{name}", "/"));
      paths.add(described.replace("{scope}", "pool").replace("{name}", "crownjewels-pool"));
      paths.add(described.replace("{scope}", "environment").replace("{name}", "crownjewels"));
      return paths;
    }
    paths.add(
        described
            .replace("/jobs/{id}", "/jobs/2")
            .replace("/runners/{id}", "/runners/" + theirRunner)
            .replace("/pools/{name}", "/pools/crownjewels-pool")
            .replace("/tokens/{id}", "/tokens/t-0123456789")
            .replaceAll("\\{[a-z]+}", "x"));
    return paths;
  }

  private static String body(String method, String path) {
    return !method.equals("POST")
        ? ""
        : path.equals("/pauses")
            ? "{\"scope\": \"environment\", \"name\": \"crownjewels\"}"
            : path.endsWith("/termination") ? "{\"force\": true}" : "{}";
  }

  @Test
  void noRouteOfTheDescriptionShowsOrChangesWhatIsAnothers() throws Exception {
    JsonNode description =
        JSON.readTree(ask("GET", "/api/v1/openapi.json", "", appliance.token()).body());
    int routes = 0;
    List<String> open = new ArrayList<>();
    for (Map.Entry<String, JsonNode> path : description.path("paths").properties()) {
      List<String> methods = new ArrayList<>();
      path.getValue()
          .fieldNames()
          .forEachRemaining(m -> methods.add(m.toUpperCase(java.util.Locale.ROOT)));
      for (String method : methods) {
        for (String concrete : paths(path.getKey())) {
          routes++;
          HttpResponse<String> answer =
              limited(method, "/api/v1" + concrete, body(method, concrete));
          String what = method + " " + concrete + ": " + answer.statusCode() + " " + answer.body();
          assertThat(answer.statusCode()).as(what).isIn(200, 403, 404);
          if (answer.statusCode() == 200) {
            assertThat(method).as("only looking works: " + what).isEqualTo("GET");
            assertThat(answer.body()).as(what).doesNotContain("crownjewels");
            open.add(concrete);
          } else if (answer.statusCode() == 403) {
            assertThat(answer.body()).as(what).contains("environment_limited");
          }
        }
      }
    }
    assertThat(routes).isGreaterThan(25);
    assertThat(open)
        .containsExactlyInAnyOrder(
            "/jobs", "/runners", "/pools", "/cost", "/environments", "/openapi.json");
    assertThat(ask("GET", "/api/v1/status", "", appliance.token()).body())
        .as("nothing came of it")
        .contains("\"pauses\":[]");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"/", "/jobs", "/jobs/1", "/config", "/audit", "/queue", "/metrics", "/nothing"})
  void neitherPagesNorMetricsAreForIt(String path) throws Exception {
    HttpResponse<String> answer = limited("GET", path, "");
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(403);
  }

  @Test
  void itsOwnIsThereForIt() throws Exception {
    for (String list : List.of("jobs", "pools", "runners", "environments")) {
      assertThat(limited("GET", "/api/v1/" + list, "").body()).as(list).contains("mine");
    }
    assertThat(limited("GET", "/api/v1/jobs/1", "").statusCode()).isEqualTo(200);
    assertThat(limited("GET", "/api/v1/pools/mine-pool", "").statusCode()).isEqualTo(200);
    ask(
        "POST",
        "/api/v1/pauses",
        "{\"scope\": \"environment\", \"name\": \"crownjewels\"}",
        appliance.token());
    HttpResponse<String> paused =
        limited("POST", "/api/v1/pauses", "{\"scope\": \"environment\", \"name\": \"mine\"}");
    assertThat(paused.statusCode()).isEqualTo(200);
    assertThat(paused.body()).contains("mine").doesNotContain("crownjewels");
    assertThat(limited("DELETE", "/api/v1/pauses/environment/crownjewels", "").statusCode())
        .isEqualTo(404);
    assertThat(limited("DELETE", "/api/v1/pauses/environment/mine", "").statusCode())
        .isEqualTo(200);
    ask("DELETE", "/api/v1/pauses/environment/crownjewels", "", appliance.token());
    assertThat(ask("GET", "/api/v1/tokens", "", appliance.token()).body())
        .contains("\"environment\":\"mine\"");
  }

  @Test
  void readerOfAnEnvironmentChangesNothing() throws Exception {
    String reader = create("read", "mine").path("token").asText();
    assertThat(
            ask(
                    "POST",
                    "/api/v1/pauses",
                    "{\"scope\": \"environment\", \"name\": \"mine\"}",
                    reader)
                .statusCode())
        .isEqualTo(403);
    assertThat(ask("GET", "/api/v1/jobs", "", reader).body()).doesNotContain("crownjewels");
  }

  @Test
  void configIsNotForIt() throws Exception {
    Path work = appliance.workTree("theirs");
    assertThat(appliance.git(work, "ls-remote", appliance.repository(limited)).exitCode())
        .isNotZero();
    appliance.commit(work, CONFIG);
    assertThat(appliance.push(work, limited, "HEAD:refs/heads/main").exitCode()).isNotZero();
  }

  @Test
  void thereIsNoneThatPushesAndNoneOfAnUnknownEnvironment() throws Exception {
    assertThat(create("push", "mine").path("error").path("message").asText())
        .contains("a push concerns every environment");
    assertThat(create("admin", "nosuch").path("error").path("code").asText())
        .isEqualTo("not_found");
  }
}
