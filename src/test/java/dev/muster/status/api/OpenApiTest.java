package dev.muster.status.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.muster.operator.AcceptanceRoutes;
import dev.muster.operator.OperatorRoutes;
import io.helidon.webserver.http.HttpRules;
import java.lang.reflect.Proxy;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;

/** Holds the description to the routes and to what they answer. */
final class OpenApiTest {
  private static final Instant AT = Instant.parse("2026-01-02T03:04:05Z");
  private static final ObjectMapper JSON = new ObjectMapper();

  private final JsonNode description;

  OpenApiTest() throws Exception {
    description = JSON.readTree(OpenApi.text());
  }

  @Test
  @SuppressWarnings("NullAway") // routes are only named here; nothing is read
  void namesEveryRouteAndNoOther() {
    List<String> routed = new ArrayList<>();
    HttpRules rules = recording(routed);
    new ApiRoutes(new Readers(null, null, null, null, null, null, null, null)).routing(rules);
    new EventRoutes(new Changes()).routing(rules);
    new OperatorRoutes(
            null, null, null, null, null, List.of(), null, null, null, null, null, null, null)
        .routing(rules);
    new AcceptanceRoutes(null, null, null).routing(rules);
    List<String> described = new ArrayList<>();
    for (Map.Entry<String, JsonNode> path : description.path("paths").properties()) {
      path.getValue().fieldNames().forEachRemaining(m -> described.add(m + " " + path.getKey()));
    }
    assertThat(described).containsExactlyInAnyOrderElementsOf(routed);
  }

  @Test
  void describesTheFieldsThatAreAnswered() throws Exception {
    TimelineView line = new TimelineView(AT, "queued", "");
    JobView job =
        new JobView(
            1,
            2,
            1,
            "a/b",
            "job",
            null,
            null,
            null,
            List.of("x"),
            "queued",
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            0,
            null,
            AT,
            AT,
            null,
            null,
            null,
            List.of(line));
    RunnerView runner =
        new RunnerView(
            "muster-000000000000",
            "p",
            "e",
            "r",
            "local",
            "here",
            null,
            "ready",
            AT,
            null,
            null,
            null,
            null,
            null,
            AT,
            List.of(line),
            "a line\n");
    PoolSummary pool =
        new PoolSummary("p", "e", "r", null, 1, 2, 3, 1, 2, 0, 0, 5, 0, null, true, null);
    RejectedView rejected =
        new RejectedView(
            "abc",
            "ana",
            "m",
            AT,
            List.of(new RejectedView.ProblemView("muster.yml", 1, 2, "error", "wrong", null)));
    ConfigView.RevisionView revision =
        new ConfigView.RevisionView("abc", "embedded", "ana", "m", AT, AT, true, 0);
    Map<String, Object> answers =
        Map.of(
            "/status",
                new StatusView(
                    "1",
                    "local",
                    AT,
                    false,
                    List.of(new StatusView.Attention("error", AT, "m", List.of("x"), null)),
                    List.of(new StatusView.PauseView("all", null, AT, "ana")),
                    new StatusView.ConfigPart("abc", "embedded", "ana", "m", AT, rejected),
                    new StatusView.QueuePart(1, 2, 0),
                    List.of(pool),
                    new StatusView.JobsPart(1, 2, 3, 4, 5)),
            "/jobs", new JobList(List.of(job), null),
            "/jobs/{id}",
                new JobDetail(
                    job,
                    new BigDecimal("0.5"),
                    List.of("why"),
                    List.of(new PhaseView("steps running", "running", AT, null, 1.5, "on x")),
                    "4bf92f3577b34da6a3ce929d0e0e4736",
                    null),
            "/runners", new RunnerList(List.of(runner), "x"),
            "/runners/{id}", runner,
            "/pools", new PoolList(List.of(pool)),
            "/pools/{name}",
                new PoolDetail(
                    pool,
                    "here",
                    "UTC",
                    List.of(new PoolDetail.DecisionView(1, AT, "s", List.of("l"))),
                    List.of(new PoolDetail.SegmentView(AT, AT, null, 1, 2)),
                    List.of("why")),
            "/audit",
                new AuditList(
                    List.of(new AuditList.EntryView(1, AT, "token:ana", "a", "o", "d")), null),
            "/config", new ConfigView("embedded", revision, rejected, List.of(revision)),
            "/queue",
                new QueueView(
                    List.of(new QueueView.ItemView("a/b", "a", "b", AT, AT, 1, null, null, null))));
    for (Map.Entry<String, Object> answer : answers.entrySet()) {
      JsonNode schema =
          description.at(
              "/paths/"
                  + answer.getKey().replace("/", "~1")
                  + "/get/responses/200/content/application~1json/schema");
      assertMatches(answer.getKey(), schema, JSON.readTree(ApiJson.write(answer.getValue())));
    }
    List<CostView.Part> parts = List.of(new CostView.Part("p", new BigDecimal("0.5")));
    assertMatches(
        "/cost",
        description.at("/components/schemas/CostView"),
        JSON.readTree(
            ApiJson.write(
                new CostView(
                    "2026-03-01",
                    "2026-03-02",
                    "USD",
                    new BigDecimal("0.5"),
                    new BigDecimal("0.5"),
                    new BigDecimal("0.5"),
                    "2026-01-01",
                    parts,
                    parts,
                    parts,
                    parts,
                    parts))));
    assertMatches(
        "/environments",
        description.at("/components/schemas/EnvironmentList"),
        JSON.readTree(
            ApiJson.write(
                new EnvironmentList(
                    List.of(
                        new EnvironmentView(
                            "prod",
                            List.of("acme/*"),
                            List.of("eu-west-1"),
                            List.of("default"),
                            "2026-03",
                            new BigDecimal("0.5"),
                            new BigDecimal("0.5"),
                            1,
                            AT,
                            true,
                            new EnvironmentView.BudgetView(
                                10, 5, List.of(50), 120, "why", "ana")))))));
    assertMatches(
        "/regions",
        description.at("/components/schemas/RegionsView"),
        JSON.readTree(
            ApiJson.write(
                new RegionsView(
                    "eu-west-1",
                    List.of(
                        new RegionsView.RegionView(
                            "prod", "r", true, true, "a", 1, AT, "1", "abc", List.of("q"), 1)),
                    List.of(
                        new RegionsView.ReplicationView("prod", "t", 1, AT, AT, 1, 1, "t", "h")),
                    List.of(new RegionsView.TakeoverView("prod", "r", 1, AT, "why", 1, AT)),
                    List.of(
                        new RegionsView.RemoteJobView(
                            1, "o/r", "n", "queued", "prod", "r", AT, AT))))));
    assertMatches(
        "/deliveries",
        description.at("/components/schemas/DeliveryList"),
        JSON.readTree(
            ApiJson.write(
                new DeliveryList(
                    List.of(
                        new DeliveryList.DeliveryView(1, "github", "d", "ping", 2, AT, "done", "")),
                    null))));
  }

  private void assertMatches(String where, JsonNode given, JsonNode value) {
    JsonNode schema = resolved(given);
    if (value.isNull()) {
      assertThat(nullable(given)).as(where + " may be null").isTrue();
    } else if (value.isObject()) {
      List<String> keys = new ArrayList<>();
      value.fieldNames().forEachRemaining(keys::add);
      List<String> described = new ArrayList<>();
      schema.path("properties").fieldNames().forEachRemaining(described::add);
      assertThat(keys).as(where).containsExactlyInAnyOrderElementsOf(described);
      value
          .properties()
          .forEach(field ->
              assertMatches(
                  where + "." + field.getKey(),
                  schema.path("properties").path(field.getKey()),
                  field.getValue()));
    } else if (value.isArray()) {
      assertThat(value).as(where + " has an example").isNotEmpty();
      value.forEach(item -> assertMatches(where + "[]", schema.path("items"), item));
    } else {
      String type = value.isTextual() ? "string" : value.isBoolean() ? "boolean" : numeric(value);
      assertThat(schema.path("type").toString()).as(where).contains(type);
    }
  }

  private static String numeric(JsonNode value) {
    return value.isIntegralNumber() ? "integer" : "number";
  }

  private JsonNode resolved(JsonNode schema) {
    if (schema.has("$ref")) {
      return description.at(schema.get("$ref").textValue().substring(1));
    }
    return schema.has("oneOf") ? resolved(schema.get("oneOf").get(0)) : schema;
  }

  private static boolean nullable(JsonNode schema) {
    return StreamSupport.stream(schema.path("oneOf").spliterator(), false)
            .anyMatch(choice -> choice.path("type").asText().equals("null"))
        || schema.path("type").toString().contains("\"null\"");
  }

  /** Rules that only remember methods and paths. */
  private static HttpRules recording(List<String> paths) {
    return (HttpRules)
        Proxy.newProxyInstance(
            OpenApiTest.class.getClassLoader(),
            new Class<?>[] {HttpRules.class},
            (proxy, method, arguments) -> {
              if (List.of("get", "post", "delete").contains(method.getName())) {
                paths.add(method.getName() + " " + arguments[0]);
              }
              return proxy;
            });
  }
}
