package dev.muster.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.muster.kernel.home.Home;
import dev.muster.kernel.home.Running;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** Speaks to the appliance that runs on a home. */
final class ApplianceClient {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
  private static final Duration TIMEOUT = Duration.ofSeconds(60);

  private final Running running;
  private final HttpClient http =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();

  private ApplianceClient(Running running) {
    this.running = running;
  }

  /** The appliance of a home; fails with exit code 3 when none runs there. */
  static ApplianceClient of(Home home) throws IOException {
    return find(home)
        .orElseThrow(() ->
            new Failure(
                Failure.UNREACHABLE,
                "No appliance runs on %s; start it with muster serve, or name its folder with --home"
                    .formatted(home.root())));
  }

  static Optional<ApplianceClient> find(Home home) throws IOException {
    try {
      return home.running().map(ApplianceClient::new);
    } catch (java.nio.file.AccessDeniedException e) {
      throw new Failure(
          Failure.UNREACHABLE,
          "%s cannot be read; run this as the user that the appliance runs as"
              .formatted(e.getFile()));
    }
  }

  JsonNode get(String path) throws InterruptedException {
    return parse(send(request(path).GET().build()));
  }

  JsonNode post(String path, Object body) throws IOException, InterruptedException {
    return parse(
        send(
            request(path)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(body)))
                .build()));
  }

  JsonNode delete(String path) throws InterruptedException {
    return parse(send(request(path).DELETE().build()));
  }

  /** Writes an answer to a file as it arrives. */
  void download(String path, Path target) throws IOException, InterruptedException {
    HttpResponse<InputStream> response =
        exchange(request(path).GET().build(), HttpResponse.BodyHandlers.ofInputStream());
    try (InputStream body = response.body()) {
      if (response.statusCode() != 200) {
        throw failure(
            response.statusCode(), new String(body.readAllBytes(), StandardCharsets.UTF_8));
      }
      java.nio.file.Files.copy(body, target);
    }
  }

  /** A name as one step of a path, whatever is in it. */
  static String step(String name) {
    return "/" + URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
  }

  static String pretty(JsonNode node) {
    return node.toPrettyString();
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(running.adminUrl() + "/api/v1" + path))
        .timeout(TIMEOUT)
        .header("Authorization", "Bearer " + running.token());
  }

  private String send(HttpRequest request) throws InterruptedException {
    HttpResponse<String> response = exchange(request, HttpResponse.BodyHandlers.ofString());
    if (response.statusCode() / 100 != 2) {
      throw failure(response.statusCode(), response.body());
    }
    return response.body();
  }

  private <T> HttpResponse<T> exchange(HttpRequest request, HttpResponse.BodyHandler<T> handler)
      throws InterruptedException {
    try {
      return http.send(request, handler);
    } catch (IOException e) {
      throw new Failure(
          Failure.UNREACHABLE,
          "The appliance at %s does not answer: %s; see its log"
              .formatted(running.adminUrl(), String.valueOf(e.getMessage())));
    }
  }

  private static Failure failure(int status, String body) {
    int code =
        status / 100 == 5 ? Failure.UNREACHABLE : status == 400 ? Failure.UNUSABLE : Failure.NO;
    try {
      JsonNode error = JSON.readTree(body).path("error");
      String hint = error.path("hint").asText("");
      return new Failure(
          code,
          error.path("message").asText("status " + status)
              + (hint.isEmpty() || hint.equals("null") ? "" : "; " + hint));
    } catch (IOException e) {
      return new Failure(code, "The appliance answered " + status);
    }
  }

  private static JsonNode parse(String body) {
    try {
      return body.isEmpty() ? JSON.nullNode() : JSON.readTree(body);
    } catch (IOException e) {
      throw new Failure(Failure.UNREACHABLE, "The appliance's answer is not JSON");
    }
  }
}
