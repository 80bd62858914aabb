package dev.muster.infra.aws;

import dev.muster.infra.InfraNames;
import dev.muster.kernel.notice.Finding;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import software.amazon.awssdk.services.apigatewayv2.ApiGatewayV2Client;
import software.amazon.awssdk.services.apigatewayv2.model.Api;
import software.amazon.awssdk.services.apigatewayv2.model.GetApisResponse;
import software.amazon.awssdk.services.apigatewayv2.model.GetIntegrationResponse;
import software.amazon.awssdk.services.apigatewayv2.model.Route;
import software.amazon.awssdk.services.apigatewayv2.model.Stage;

/** The API that puts GitHub's deliveries into a queue. */
final class ApiLook {
  private static final String ACTION = "apigateway:GET";

  private final ApiGatewayV2Client client;
  private final String name;
  private final Look look;

  /**
   * Looks at an API.
   *
   * @param name its own, which is the queue's too
   */
  ApiLook(ApiGatewayV2Client client, String name, String template) {
    this.client = client;
    this.name = name;
    this.look = new Look("API " + name, template);
  }

  /**
   * What differs.
   *
   * @param whoNeedsIt if it is not there
   */
  List<Finding> compare(String whoNeedsIt) {
    Optional<List<Api>> all = look.ask(ACTION, this::apis);
    if (all.isPresent()) {
      all.get().stream()
          .filter(api -> name.equals(api.name()))
          .findFirst()
          .ifPresentOrElse(this::compare, () -> look.absentWhereWanted(whoNeedsIt));
    }
    return look.findings();
  }

  /** An account may have hundreds; the SDK has no paginator for them. */
  private List<Api> apis() {
    List<Api> apis = new ArrayList<>();
    String next = null;
    do {
      String from = next;
      GetApisResponse page = client.getApis(r -> r.nextToken(from));
      apis.addAll(page.items());
      next = page.nextToken();
    } while (next != null);
    return apis;
  }

  private void compare(Api api) {
    String id = api.apiId();
    look.ask(ACTION, List.<Route>of(), () -> client.getRoutes(r -> r.apiId(id)).items())
        .map(routes ->
            routes.stream()
                .filter(route -> InfraNames.WEBHOOK_ROUTE.equals(route.routeKey()))
                .findFirst())
        .ifPresent(route ->
            route.ifPresentOrElse(
                found -> integration(id, found),
                () -> look.same("the route", InfraNames.WEBHOOK_ROUTE, "none")));
    look.ask(ACTION, List.<Stage>of(), () -> client.getStages(r -> r.apiId(id)).items())
        .ifPresent(stages ->
            look.same(
                "the stage",
                "$default, deployed at each change",
                stages.stream().anyMatch(ApiLook::serves)
                    ? "$default, deployed at each change"
                    : "none"));
  }

  private static boolean serves(Stage stage) {
    return "$default".equals(stage.stageName()) && Boolean.TRUE.equals(stage.autoDeploy());
  }

  private void integration(String api, Route route) {
    String target = route.target() == null ? "" : route.target();
    Optional<GetIntegrationResponse> there =
        look.ask(
            ACTION,
            GetIntegrationResponse.builder().build(),
            () ->
                client.getIntegration(
                    r -> r.apiId(api).integrationId(target.replaceFirst("^integrations/", ""))));
    there.ifPresent(integration -> {
      look.same(
          "what it does",
          "SQS-SendMessage",
          Optional.ofNullable(integration.integrationSubtype()).orElse("something else"));
      Map<String, String> request = integration.requestParameters();
      String url = request.getOrDefault("QueueUrl", "none");
      if (!url.endsWith("/" + name)) {
        look.same("the queue", name, url);
      }
      look.same("the body", "$request.body", request.getOrDefault("MessageBody", "none"));
      String attributes = request.getOrDefault("MessageAttributes", "");
      look.all(
          "what it passes on of the headers",
          InfraNames.WEBHOOK_HEADERS,
          InfraNames.WEBHOOK_HEADERS.stream()
              .filter(header -> attributes.contains("${request.header." + header + "}"))
              .toList());
    });
  }
}
