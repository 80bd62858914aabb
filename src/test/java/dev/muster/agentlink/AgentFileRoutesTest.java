package dev.muster.agentlink;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.muster.agent.protocol.AgentApi;
import dev.muster.kernel.http.Refusals;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.HttpRouting;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AgentFileRoutesTest {
  private static final String LINUX = "agent-linux.jar";

  @TempDir private Path root;
  private WebServer server;
  private final HttpClient client = HttpClient.newHttpClient();

  @BeforeEach
  void serve() throws IOException {
    Path folder = Files.createDirectory(root.resolve("agent"));
    Files.writeString(folder.resolve(LINUX), "a jar");
    Files.writeString(folder.resolve("other.jar"), "nobody's business");
    Files.writeString(root.resolve("secret"), "nobody's business");
    server = start(Optional.of(folder));
  }

  private static WebServer start(Optional<Path> folder) {
    HttpRouting.Builder routing =
        HttpRouting.builder().register("/", new AgentFileRoutes(new AgentFiles(folder, "1.2.3")));
    Refusals.addTo(routing);
    return WebServer.builder().host("127.0.0.1").port(0).routing(routing).build().start();
  }

  @AfterEach
  void stop() {
    client.close();
    server.stop();
  }

  private HttpResponse<String> ask(String method, String name, String... headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(
                URI.create(
                    "http://127.0.0.1:%d%s/%s".formatted(server.port(), AgentApi.FILES, name)))
            .method(method, HttpRequest.BodyPublishers.noBody());
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private static String sum() throws Exception {
    return HexFormat.of()
        .formatHex(MessageDigest.getInstance("SHA-256").digest("a jar".getBytes(UTF_8)));
  }

  @Test
  void manifestNamesWhatThereIs() throws Exception {
    JsonNode files = new ObjectMapper().readTree(ask("GET", "manifest.json").body()).path("files");

    assertThat(files).hasSize(1);
    assertThat(files.get(0).path("name").asText()).isEqualTo(LINUX);
    assertThat(files.get(0).path("sha256").asText()).isEqualTo(sum());
    assertThat(files.get(0).path("size").asLong()).isEqualTo(5);
    assertThat(files.get(0).path("version").asText()).isEqualTo("1.2.3");
  }

  @Test
  void fileIsServedAndNotAgainToWhoHasIt() throws Exception {
    HttpResponse<String> first = ask("GET", LINUX);
    assertThat(first.statusCode()).isEqualTo(200);
    assertThat(first.body()).isEqualTo("a jar");
    String tag = first.headers().firstValue("ETag").orElseThrow();
    assertThat(tag).isEqualTo("\"" + sum() + "\"");

    HttpResponse<String> again = ask("GET", LINUX, "If-None-Match", tag);
    assertThat(again.statusCode()).isEqualTo(304);
    assertThat(again.body()).isEmpty();
    assertThat(ask("GET", LINUX, "If-None-Match", "\"old\"").statusCode()).isEqualTo(200);
  }

  @Test
  void headTellsTheSizeAlone() throws Exception {
    HttpResponse<String> head = ask("HEAD", LINUX);
    assertThat(head.statusCode()).isEqualTo(200);
    assertThat(head.body()).isEmpty();
    assertThat(head.headers().firstValue("Content-Length")).contains("5");
    assertThat(head.headers().firstValue("ETag")).isPresent();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "other.jar",
        "agent-windows.jar",
        "..%2Fsecret",
        "%2e%2e%2fsecret",
        "agent-linux.jar%00",
        "AGENT-LINUX.JAR"
      })
  void nothingElseIsServed(String name) throws Exception {
    HttpResponse<String> answer = ask("GET", name);
    assertThat(answer.statusCode()).as(answer.body()).isIn(400, 404);
    assertThat(answer.body()).doesNotContain("nobody's business");
  }

  @Test
  void applianceWithoutAnImageHasNone() throws Exception {
    server.stop();
    server = start(Optional.empty());
    assertThat(ask("GET", "manifest.json").body()).isEqualTo("{\"files\":[]}");
    assertThat(ask("GET", LINUX).statusCode()).isEqualTo(404);
  }
}
