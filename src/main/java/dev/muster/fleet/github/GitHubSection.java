package dev.muster.fleet.github;

import dev.muster.config.Fields;
import dev.muster.config.Key;
import dev.muster.config.Problems;
import dev.muster.config.SecretRef;
import dev.muster.config.Section;
import dev.muster.config.Shapes;
import java.net.URI;
import java.util.List;
import java.util.Optional;

/** The key {@code github}. */
public final class GitHubSection implements Section<GitHubSpec> {
  private static final Key<URI> API_URL =
      Key.of(
              "api_url",
              new ApiUrlShape(),
              "https://github.example.com/api/v3",
              "The API of github.com or of a GitHub Enterprise Server.")
          .standard(GitHubSpec.PUBLIC);
  private static final Key<Long> APP_ID =
      Key.of("id", Shapes.whole(1L, Long.MAX_VALUE), "12345", "The App's id.").mustBeGiven();
  private static final Key<SecretRef> PRIVATE_KEY =
      Key.of(
              "private_key",
              Shapes.secret(),
              "{ secret: github-app-key }",
              "The App's private key as GitHub hands it out.")
          .mustBeGiven();
  private static final Key<Fields> APP =
      Key.of(
          "app",
          Shapes.object("an app", List.of(APP_ID, PRIVATE_KEY)),
          "{ id: 12345, private_key: { secret: github-app-key } }",
          "The GitHub App; without one, webhooks are taken and nothing is asked of GitHub.");
  private static final Key<List<SecretRef>> WEBHOOK_SECRET =
      Key.of(
          "webhook_secret",
          Shapes.oneOrMore(Shapes.secret(), 2),
          "{ secret: github-webhook }",
          "What webhooks are signed with; two are live while one is being replaced.");
  private static final Key<Fields> GITHUB =
      Key.of(
          "github",
          Shapes.object("github", List.of(API_URL, APP, WEBHOOK_SECRET)),
          "{ webhook_secret: { secret: github-webhook } }",
          "How GitHub is reached.");

  @Override
  public Class<GitHubSpec> type() {
    return GitHubSpec.class;
  }

  @Override
  public List<Key<?>> keys() {
    return List.of(GITHUB);
  }

  /** Nothing here depends on another key. */
  @Override
  public void check(Fields root, Problems problems) {}

  @Override
  public GitHubSpec build(Fields root) {
    Optional<Fields> written = root.given(GITHUB);
    return new GitHubSpec(
        written.map(github -> github.value(API_URL)).orElse(GitHubSpec.PUBLIC),
        written
            .flatMap(github -> github.given(APP))
            .map(app -> new GitHubSpec.App(app.value(APP_ID), app.value(PRIVATE_KEY))),
        written.flatMap(github -> github.given(WEBHOOK_SECRET)).orElse(List.of()));
  }
}
