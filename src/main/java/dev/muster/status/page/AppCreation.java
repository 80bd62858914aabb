package dev.muster.status.page;

import dev.muster.config.SecretRef;
import dev.muster.config.Secrets;
import dev.muster.config.SecretsFile;
import dev.muster.fleet.github.AppManifest;
import dev.muster.fleet.github.AppManifest.Credentials;
import dev.muster.fleet.github.GitHubSpec;
import dev.muster.kernel.access.Principal;
import dev.muster.kernel.audit.AuditLog;
import dev.muster.kernel.store.Priority;
import dev.muster.kernel.store.Writer;
import java.io.IOException;
import java.net.URI;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** Creates a GitHub App by GitHub's manifest flow and keeps its credentials. */
public final class AppCreation {
  private static final SecretRef KEY = new SecretRef("github-app-key");
  private static final SecretRef WEBHOOK = new SecretRef("github-webhook");

  private final AppManifest manifests;
  private final Supplier<Optional<GitHubSpec>> github;
  private final Secrets secrets;
  private final SecretsFile file;
  private final Writer writer;
  private final AuditLog audit;
  private final Supplier<URI> publicUrl;

  /**
   * @param secrets what is known now, to say when it will be replaced
   * @param publicUrl how GitHub reaches the public listener
   */
  public AppCreation(
      AppManifest manifests,
      Supplier<Optional<GitHubSpec>> github,
      Secrets secrets,
      SecretsFile file,
      Writer writer,
      AuditLog audit,
      Supplier<URI> publicUrl) {
    this.manifests = manifests;
    this.github = github;
    this.secrets = secrets;
    this.file = file;
    this.writer = writer;
    this.audit = audit;
    this.publicUrl = publicUrl;
  }

  URI publicUrl() {
    return publicUrl.get();
  }

  boolean replaces() {
    return secrets.value(KEY).isPresent();
  }

  /** The page of GitHub to which the manifest is posted. */
  URI creationPage(Optional<String> organization, String state) {
    return manifests.creationPage(organization, state);
  }

  String manifest(String name, URI returnTo) {
    return manifests.json(name, publicUrl(), returnTo);
  }

  /** Exchanges GitHub's code for the credentials and keeps them. */
  Credentials finish(String code, Principal who) throws IOException {
    Credentials credentials = manifests.convert(code);
    file.put(Map.of(KEY, credentials.privateKey(), WEBHOOK, credentials.webhookSecret()));
    writer.run(
        Priority.ACKNOWLEDGE,
        tx ->
            audit.add(
                tx,
                who.actor(),
                "github.app_created",
                "app/" + credentials.id(),
                credentials.slug() + "; its key and webhook secret are in secrets.yml"));
    return credentials;
  }

  /** What belongs in the config so that the App is used. */
  String yaml(Credentials credentials) {
    String api =
        github
            .get()
            .map(GitHubSpec::apiUrl)
            .filter(url -> !url.equals(GitHubSpec.PUBLIC))
            .map(url -> "  api_url: " + url + "\n")
            .orElse("");
    return """
    github:
    %s  app: { id: %d, private_key: { secret: %s } }
      webhook_secret: { secret: %s }
    """
        .formatted(api, credentials.id(), KEY.name(), WEBHOOK.name());
  }
}
