package dev.muster.sandbox;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Status;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.HttpService;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/** The end of GitHub's manifest flow: a code, good once, is exchanged for the App's credentials. */
final class SandboxManifestRoutes implements HttpService {
  private final SandboxApp app;
  private final SandboxJson json;
  private final Set<String> codes = ConcurrentHashMap.newKeySet();

  SandboxManifestRoutes(SandboxApp app, SandboxJson json) {
    this.app = app;
    this.json = json;
  }

  String newCode() {
    String code = UUID.randomUUID().toString();
    codes.add(code);
    return code;
  }

  @Override
  public void routing(HttpRules rules) {
    rules.post("/app-manifests/{code}/conversions", this::convert);
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
