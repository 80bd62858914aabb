package dev.muster.fleet.github;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.config.SecretRef;
import dev.muster.config.git.GitCredentials;
import dev.muster.config.git.GitCredentials.Credential;
import dev.muster.kernel.reconcile.TransientException;
import dev.muster.sandbox.SandboxSettings;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AppGitCredentialsTest {
  private static final GitCredentials NONE = GitCredentials.written(Optional::empty);

  private final GitHubFixture github =
      new GitHubFixture(SandboxSettings.DEFAULT.withStrangers(Set.of("stranger")));

  @AfterEach
  void close() {
    github.close();
  }

  @Test
  void handsOutTheInstallationsTokenUntilItIsRefusedOrEnds() {
    AppGitCredentials credentials = at("acme/config.git", NONE);
    Credential first = credentials.current().orElseThrow();
    assertThat(first.secret()).startsWith("ghs_");
    assertThat(first.wayOut()).contains("contents (read)", "acme", "config", "config-repo");
    assertThat(first).asString().doesNotContain(first.secret());
    assertThat(credentials.current()).contains(first);

    credentials.refused(first);
    Credential second = credentials.current().orElseThrow();
    assertThat(second).isNotEqualTo(first);

    github.pass(Duration.ofHours(1));
    assertThat(credentials.current()).isPresent().isNotEqualTo(Optional.of(second));
  }

  @Test
  void secretThatSomebodyWroteComesFirst() {
    GitCredentials written = GitCredentials.written(() -> Optional.of("mine"));
    assertThat(at("acme/config", written).current().map(Credential::secret)).contains("mine");
    assertThat(github.calls.operations).isEmpty();
  }

  @Test
  void saysThatTheAppIsNotInstalledAndKeepsTrying() {
    assertThatThrownBy(() -> at("stranger/config", NONE).current())
        .isInstanceOf(TransientException.class)
        .hasMessageContaining("stranger/config cannot be entered as the App")
        .hasMessageContaining("not installed at stranger")
        .hasMessageContaining("or add the secret config-repo");
  }

  @Test
  void givesNothingWhereThereIsNoApp() {
    try (GitHubClient nobody =
        new GitHubClient(Optional::empty, ref -> Optional.empty(), github::now, github.calls)) {
      String url = "https://github.com/acme/config.git";
      assertThat(new AppGitCredentials(NONE, url, nobody).current()).isEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "https://github.com/acme/config, https://api.github.com",
    "https://GitHub.com/acme/config.git, https://api.github.com",
    "https://github.com/acme/config.git/, https://api.github.com",
    "https://git.acme.example/acme/config, https://git.acme.example/api/v3",
    "https://acme.ghe.com/acme/config, https://api.acme.ghe.com",
    "http://127.0.0.1:4711/acme/config, http://127.0.0.1:4711"
  })
  void findsTheRepositoryAtTheAppsGitHub(String url, String api) {
    URI apiUrl = URI.create(api);
    assertThat(AppGitCredentials.at(url, GitHubSpec.site(apiUrl)))
        .contains(new Repository("acme", "config"));
    assertThat(GitHubSpec.ofMachine(url, 1, new SecretRef("k")).map(GitHubSpec::apiUrl))
        .as("the API beside the repository")
        .hasValueSatisfying(found -> assertThat(found).asString().isEqualToIgnoringCase(api));
  }

  @ParameterizedTest
  @CsvSource({
    "https://github.com.evil.example/acme/config, https://api.github.com",
    "https://gitlab.com/acme/config, https://api.github.com",
    "http://github.com/acme/config, https://api.github.com",
    "https://github.com:8443/acme/config, https://api.github.com",
    "http://git.acme.example/acme/config, http://git.acme.example",
    "http://127.0.0.1:4712/acme/config, http://127.0.0.1:4711",
    "git@github.com:acme/config.git, https://api.github.com",
    "ssh://git@github.com/acme/config.git, https://api.github.com",
    "file:///srv/config.git, https://api.github.com",
    "https://github.com/acme, https://api.github.com",
    "https://github.com/acme/.., https://api.github.com"
  })
  void givesNothingToAnyOtherPlace(String url, String api) {
    assertThat(AppGitCredentials.at(url, GitHubSpec.site(URI.create(api)))).isEmpty();
  }

  private AppGitCredentials at(String path, GitCredentials written) {
    return new AppGitCredentials(written, github.sandbox.url() + "/" + path, github.client);
  }
}
