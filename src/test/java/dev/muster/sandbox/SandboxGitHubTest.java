package dev.muster.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.muster.kernel.http.Signature;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SandboxGitHubTest {
  private static SandboxApp app;
  private SandboxGitHub sandbox;
  private WebhookCatcher catcher;

  @BeforeAll
  static void makeApp() {
    app = SandboxApp.generate(4711);
  }

  @BeforeEach
  void start() throws IOException {
    sandbox = SandboxGitHub.start(SandboxSettings.DEFAULT, app, InstantSource.system());
    catcher = new WebhookCatcher();
    sandbox.sendWebhooksTo(catcher.url());
  }

  @AfterEach
  void stop() {
    sandbox.close();
    catcher.close();
  }

  @Test
  void marksEveryAnswerAndSaysWhoRefuses() throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpResponse<String> answer =
          client.send(
              HttpRequest.newBuilder(URI.create(sandbox.url() + "/app")).build(),
              HttpResponse.BodyHandlers.ofString());

      assertThat(answer.statusCode()).isEqualTo(401);
      assertThat(answer.headers().firstValue("X-Muster-Sandbox")).contains("true");
      assertThat(answer.body()).contains("Muster sandbox");
    }
  }

  @Test
  void signsWebhooksInGitHubsShape() throws Exception {
    SandboxJob job =
        sandbox.queueJob("acme/api", List.of("muster", "runner=here"), List.of("true"));

    WebhookCatcher.Caught caught = catcher.next(2).getLast();

    assertThat(caught.event()).isEqualTo("workflow_job");
    assertThat(
            Signature.holds(
                caught.header("X-Hub-Signature-256"), caught.body(), List.of(app.webhookSecret())))
        .isTrue();
    JsonNode payload = new ObjectMapper().readTree(caught.body());
    assertThat(payload.path("action").asText()).isEqualTo("queued");
    assertThat(payload.path("workflow_job").path("id").asLong()).isEqualTo(job.id());
    assertThat(payload.path("repository").path("full_name").asText()).isEqualTo("acme/api");
    assertThat(payload.path("organization").path("login").asText()).isEqualTo("acme");
    assertThat(payload.path("installation").path("id").isIntegralNumber()).isTrue();
  }

  @Test
  void losesDoublesAndReordersWebhooksWhenTold() throws Exception {
    sandbox.faults(event ->
        switch (event.action()) {
          case "requested" -> DeliveryFault.FAILED;
          case "queued" -> DeliveryFault.OVERTAKEN;
          case "completed" ->
              event.event().equals("workflow_run") ? DeliveryFault.TWICE : DeliveryFault.VANISHED;
          default -> DeliveryFault.NONE;
        });

    SandboxJob job = sandbox.queueJob("acme/api", List.of("muster"), List.of());
    sandbox.cancelJob(job.id());

    List<WebhookCatcher.Caught> caught = catcher.next(3);
    assertThat(caught)
        .extracting(WebhookCatcher.Caught::event)
        .containsExactly("workflow_job", "workflow_run", "workflow_run");
    assertThat(caught.get(1).header("X-GitHub-Delivery"))
        .isEqualTo(caught.get(2).header("X-GitHub-Delivery"));
    assertThat(sandbox.deliveries())
        .filteredOn(delivery -> !delivery.arrived())
        .extracting(delivery -> delivery.about().action())
        .containsExactly("requested");
  }
}
