package dev.muster.fleet.github;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.muster.kernel.reconcile.StalledException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Creation of the App by GitHub's manifest flow: the browser posts a form with the field {@code
 * manifest} to {@link #creationPage}, a person confirms, GitHub sends the browser back with a code,
 * and {@link #convert} exchanges the code, once and within an hour, for the credentials.
 *
 * @see <a
 *     href="https://docs.github.com/en/apps/sharing-github-apps/registering-a-github-app-from-a-manifest">Registering
 *     a GitHub App from a manifest</a>
 */
public final class AppManifest {
  /** What the App must be allowed, and for what. */
  static final Map<String, String> PERMISSIONS =
      new TreeMap<>(
          Map.of(
              "actions", "write", // read jobs, rerun interrupted ones, run acceptances
              "administration", "write", // just-in-time runners of a repository
              "checks", "write", // say on the commit why a job was rejected
              "contents", "read", // the config repository
              "metadata", "read",
              "organization_self_hosted_runners", "write")); // runners in groups

  /** GitHub sends {@code installation} and {@code ping} to every App and refuses them here. */
  static final List<String> EVENTS = List.of("push", "workflow_job", "workflow_run");

  private final GitHubClient client;

  public AppManifest(GitHubClient client) {
    this.client = client;
  }

  /**
   * What GitHub hands out for a new App.
   *
   * @param privateKey PEM, PKCS#1
   */
  public record Credentials(
      long id, String slug, String privateKey, String webhookSecret, URI page) {
    @Override
    public String toString() {
      return "Credentials[" + id + ", " + slug + "]";
    }
  }

  /**
   * The manifest, as JSON.
   *
   * @param name must be free on all of that GitHub; a person may change it on the way
   * @param publicUrl the appliance's {@code public_url}
   * @param returnTo where the browser comes back to with {@code code} and {@code state}
   */
  public String json(String name, URI publicUrl, URI returnTo) {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    root.put("name", name).put("url", publicUrl.toString()).put("public", false);
    root.putObject("hook_attributes")
        .put("url", publicUrl.toString().replaceAll("/+$", "") + "/webhooks/github")
        .put("active", true);
    root.put("redirect_url", returnTo.toString());
    ObjectNode permissions = root.putObject("default_permissions");
    PERMISSIONS.forEach(permissions::put);
    EVENTS.forEach(root.putArray("default_events")::add);
    return root.toString();
  }

  /**
   * Where the form is posted to.
   *
   * @param organization that will own the App; empty for the person's own account
   * @param state comes back unchanged, and must be compared
   */
  public URI creationPage(Optional<String> organization, String state) {
    String owner = organization.map(name -> "/organizations/" + encoded(name)).orElse("");
    return URI.create(client.site() + owner + "/settings/apps/new?state=" + encoded(state));
  }

  /**
   * Exchanges the code.
   *
   * @throws StalledException when the code is unknown, used or too old
   */
  public Credentials convert(String code) {
    Call call =
        Call.post(
                Operation.CREATE_APP,
                "a new App",
                "/app-manifests/" + encoded(code) + "/conversions")
            .expecting(404, 422);
    Answer answer = client.asNobody(call);
    if (answer.status() != 201) {
      throw new StalledException(
          "GitHub: take over the new App's credentials: the code is unknown, used or older than an"
              + " hour; begin again from the status page",
          null);
    }
    return answer.read(call, AppManifest::credentials);
  }

  private static Credentials credentials(GitHubJson json) {
    return new Credentials(
        json.positive("id"),
        json.text("slug"),
        json.text("pem"),
        json.text("webhook_secret"),
        URI.create(json.text("html_url")));
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
