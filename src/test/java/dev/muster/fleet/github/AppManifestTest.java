package dev.muster.fleet.github;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.muster.kernel.reconcile.StalledException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AppManifestTest {
  private final GitHubFixture github = new GitHubFixture();
  private final AppManifest manifest = new AppManifest(github.client);

  @AfterEach
  void close() {
    github.close();
  }

  @Test
  void asksForWhatMusterNeedsAndNoMore() throws Exception {
    JsonNode json =
        new ObjectMapper()
            .readTree(
                manifest.json(
                    "muster-acme",
                    URI.create("https://muster.acme.test/"),
                    URI.create("http://127.0.0.1:8081/github/app/created")));

    assertThat(json.path("public").asBoolean()).isFalse();
    assertThat(json.path("hook_attributes").path("url").asText())
        .isEqualTo("https://muster.acme.test/webhooks/github");
    assertThat(json.path("default_permissions").path("administration").asText()).isEqualTo("write");
    assertThat(json.path("default_permissions").path("contents").asText()).isEqualTo("read");
    assertThat(json.path("default_events").toString())
        .isEqualTo("[\"push\",\"workflow_job\",\"workflow_run\"]");
  }

  @Test
  void takesTheCredentialsOverOnce() {
    String code = github.sandbox.newManifestCode();

    AppManifest.Credentials credentials = manifest.convert(code);

    assertThat(credentials.id()).isEqualTo(github.sandbox.app().id());
    assertThat(credentials.privateKey()).isEqualTo(github.sandbox.privateKeyPem());
    assertThat(credentials.webhookSecret()).isEqualTo(github.sandbox.app().webhookSecret());
    assertThat(credentials.toString()).doesNotContain(credentials.webhookSecret());
    assertThatThrownBy(() -> manifest.convert(code))
        .isInstanceOf(StalledException.class)
        .hasMessageContaining("begin again from the status page");
  }

  @Test
  void goesThroughTheWholeFlow() throws Exception {
    URI back = URI.create("http://127.0.0.1:8081/github/app/created");
    String form =
        "manifest="
            + URLEncoder.encode(
                manifest.json("muster", URI.create("http://127.0.0.1:8080"), back),
                StandardCharsets.UTF_8);
    try (HttpClient browser = HttpClient.newHttpClient()) {
      HttpResponse<Void> answer =
          browser.send(
              HttpRequest.newBuilder(manifest.creationPage(Optional.of("acme"), "s1"))
                  .header("Content-Type", "application/x-www-form-urlencoded")
                  .POST(HttpRequest.BodyPublishers.ofString(form))
                  .build(),
              HttpResponse.BodyHandlers.discarding());

      assertThat(answer.statusCode()).isEqualTo(302);
      URI location = URI.create(answer.headers().firstValue("location").orElseThrow());
      assertThat(location).hasPath(back.getPath()).hasParameter("state", "s1");
      String code = location.getQuery().replaceAll(".*code=([^&]+).*", "$1");
      assertThat(manifest.convert(code).slug()).isEqualTo("muster-sandbox");
    }
  }

  @Test
  void sendsTheBrowserToTheRightSite() {
    assertThat(page("https://api.github.com"))
        .hasToString("https://github.com/organizations/acme/settings/apps/new?state=s%261");
    assertThat(page("https://api.acme.ghe.com"))
        .hasToString("https://acme.ghe.com/organizations/acme/settings/apps/new?state=s%261");
    assertThat(page("https://git.acme.test/api/v3"))
        .hasToString("https://git.acme.test/organizations/acme/settings/apps/new?state=s%261");
    assertThat(manifest.creationPage(Optional.empty(), "s"))
        .hasToString(github.sandbox.url() + "/settings/apps/new?state=s");
  }

  private URI page(String api) {
    try (GitHubClient client = github.client(URI.create(api))) {
      return new AppManifest(client).creationPage(Optional.of("acme"), "s&1");
    }
  }
}
