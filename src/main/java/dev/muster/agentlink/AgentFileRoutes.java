package dev.muster.agentlink;

import com.fasterxml.jackson.jr.ob.JSON;
import dev.muster.agent.protocol.AgentApi;
import dev.muster.agentlink.AgentFiles.AgentFile;
import dev.muster.kernel.http.ErrorBody;
import dev.muster.kernel.http.HttpProblem;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Method;
import io.helidon.http.Status;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.HttpService;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * {@code /agent/v1/files/*}: the agents themselves and {@code manifest.json}, for whoever asks: a
 * machine asks before it has a credential, and what is served is open source. Nothing but these
 * names is looked for on the disk.
 */
public final class AgentFileRoutes implements HttpService {
  private static final String MANIFEST = "manifest.json";

  private final AgentFiles files;

  public AgentFileRoutes(AgentFiles files) {
    this.files = files;
  }

  @Override
  public void routing(HttpRules rules) {
    String path = AgentApi.FILES + "/{name}";
    rules.get(path, this::serve).head(path, this::serve);
  }

  private void serve(ServerRequest request, ServerResponse response) throws IOException {
    String name = request.path().pathParameters().get("name");
    if (name.equals(MANIFEST)) {
      response.header(HeaderValues.CONTENT_TYPE_JSON);
      response.header(HeaderNames.CACHE_CONTROL, "no-cache");
      body(request, response, JSON.std.asBytes(manifest()));
      return;
    }
    AgentFile file = files.named(name).orElseThrow(AgentFileRoutes::unknown);
    String tag = "\"" + file.sha256() + "\"";
    response.header(HeaderNames.ETAG, tag);
    response.header(HeaderNames.CACHE_CONTROL, "no-cache");
    if (request.headers().first(HeaderNames.IF_NONE_MATCH).filter(tag::equals).isPresent()) {
      response.status(Status.NOT_MODIFIED_304).send();
      return;
    }
    response.header(HeaderNames.CONTENT_TYPE, "application/java-archive");
    body(request, response, Files.readAllBytes(file.path()));
  }

  private static void body(ServerRequest request, ServerResponse response, byte[] bytes) {
    if (request.prologue().method().equals(Method.HEAD)) {
      response.header(HeaderNames.CONTENT_LENGTH, String.valueOf(bytes.length));
      response.send();
    } else {
      response.send(bytes);
    }
  }

  private Map<String, Object> manifest() {
    List<Map<String, Object>> entries = files.all().stream().map(AgentFileRoutes::entry).toList();
    return Map.of("files", entries);
  }

  private static Map<String, Object> entry(AgentFile file) {
    Map<String, Object> entry = new LinkedHashMap<>();
    entry.put("name", file.name());
    entry.put("sha256", file.sha256());
    entry.put("size", file.size());
    entry.put("version", file.version());
    return entry;
  }

  private static HttpProblem unknown() {
    return new HttpProblem(
        new ErrorBody(
            404,
            "not_found",
            "This appliance has no agent file of that name",
            "Its manifest.json names them"));
  }
}
