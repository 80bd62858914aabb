package dev.muster.sandbox;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.helidon.common.parameters.Parameters;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Status;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.HttpService;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/** GitHub's manifest flow: a manifest for a code, a code, good once, for the App's credentials. */
final class SandboxManifestRoutes implements HttpService {
  private final SandboxApp app;
  private final SandboxHooks hooks;
  private final SandboxJson json;
  private final ObjectMapper mapper = new ObjectMapper();
  private final Set<String> codes = ConcurrentHashMap.newKeySet();

  SandboxManifestRoutes(SandboxApp app, SandboxHooks hooks, SandboxJson json) {
    this.app = app;
    this.hooks = hooks;
    this.json = json;
  }

  String newCode() {
    String code = UUID.randomUUID().toString();
    codes.add(code);
    return code;
  }

  @Override
  public void routing(HttpRules rules) {
    rules
        .post("/settings/apps/new", this::create)
        .post("/organizations/{owner}/settings/apps/new", this::create)
        .post("/app-manifests/{code}/conversions", this::convert);
  }

  /** Where a browser posts the manifest; nobody is asked, the browser goes straight back. */
  private void create(ServerRequest request, ServerResponse response) throws IOException {
    JsonNode manifest =
        mapper.readTree(request.content().as(Parameters.class).first("manifest").orElse("{}"));
    String back = manifest.path("redirect_url").asText();
    String hook = manifest.path("hook_attributes").path("url").asText();
    if (back.isEmpty() || hook.isEmpty()) {
      throw new Refusal(422, "The manifest names no redirect_url or no hook_attributes.url.");
    }
    hooks.target(URI.create(hook));
    String state = request.query().first("state").orElse("");
    String query = "code=" + newCode() + "&state=" + URLEncoder.encode(state, UTF_8);
    response.status(Status.FOUND_302);
    response.header(
        HeaderValues.create(HeaderNames.LOCATION, back + (back.contains("?") ? "&" : "?") + query));
    response.send();
  }

  private void convert(ServerRequest request, ServerResponse response) {
    if (!codes.remove(request.path().pathParameters().get("code"))) {
      throw Refusal.notFound();
    }
    ObjectNode node = json.object();
    node.put("id", app.id()).put("slug", app.slug()).put("name", "Muster sandbox");
    node.put("client_id", "Iv1.sandbox").put("client_secret", "sandbox");
    node.put("webhook_secret", app.webhookSecret()).put("pem", app.privateKeyPem());
    node.put("html_url", "sandbox:apps/" + app.slug());
    response.status(Status.CREATED_201);
    response.header(HeaderValues.CONTENT_TYPE_JSON);
    response.header(HeaderValues.create(HeaderNames.CACHE_CONTROL, "no-store"));
    response.send(node.toString());
  }
}
