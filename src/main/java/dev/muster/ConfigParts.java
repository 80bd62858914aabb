package dev.muster;

import dev.muster.config.Activation;
import dev.muster.config.ConfigLoader;
import dev.muster.config.ConfigReconciler;
import dev.muster.config.ConfigRepository;
import dev.muster.config.InForce;
import dev.muster.config.SecretRef;
import dev.muster.config.Secrets;
import dev.muster.config.git.EmbeddedRepository;
import dev.muster.config.git.GitCredentials;
import dev.muster.config.git.RemoteRepository;
import dev.muster.fleet.github.AppGitCredentials;
import dev.muster.fleet.github.GitHubClient;
import dev.muster.fleet.github.GitHubSpec;
import dev.muster.fleet.spec.FleetChanges;
import dev.muster.fleet.spec.FleetSpec;
import dev.muster.kernel.home.Home;
import dev.muster.kernel.home.Settings;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/** The config, composed: where it comes from, what checks it, what of it is in force. */
final class ConfigParts {
  private final InForce inForce = new InForce();
  private final ConfigLoader loader = Appliance.configLoader();
  private final FleetChanges changes = new FleetChanges();

  InForce inForce() {
    return inForce;
  }

  ConfigLoader loader() {
    return loader;
  }

  /** What a push would change, in words. */
  FleetChanges changes() {
    return changes;
  }

  Supplier<Optional<FleetSpec>> fleet() {
    return inForce.section(FleetSpec.class);
  }

  Supplier<Optional<GitHubSpec>> github() {
    return inForce.section(GitHubSpec.class);
  }

  ConfigReconciler reconciler(
      Kernel kernel, ConfigRepository repository, List<Activation> activations) {
    return new ConfigReconciler(
        kernel.database(),
        kernel.writer(),
        kernel.audit(),
        kernel.clock(),
        repository,
        loader,
        inForce,
        changes,
        activations);
  }

  /**
   * What a remote is pulled with: what somebody wrote down, else the App.
   *
   * @param clients makes a client of an App
   */
  GitCredentials credentials(
      Settings settings,
      Secrets secrets,
      Function<Supplier<Optional<GitHubSpec>>, GitHubClient> clients) {
    SecretRef secret = new SecretRef("config-repo");
    GitCredentials written = GitCredentials.written(() -> secrets.value(secret));
    if (settings.configUrl().isEmpty()) {
      return written;
    }
    String url = settings.configUrl().get();
    // The machine's comes first: with the config's alone there would be no first pull, and none
    // after a push that names a wrong App.
    Optional<GitHubSpec> machine =
        settings.configApp().isEmpty()
            ? Optional.empty()
            : GitHubSpec.ofMachine(
                url, settings.configApp().getAsLong(), new SecretRef("github-app-key"));
    return new AppGitCredentials(written, url, clients.apply(() -> machine.or(github())));
  }

  /** The repository that the settings name. */
  static ConfigRepository repository(Home home, Settings settings, GitCredentials credentials) {
    if (settings.configUrl().isEmpty()) {
      return new EmbeddedRepository(home.configRepository(), settings.configBranch());
    }
    return new RemoteRepository(
        settings.configUrl().get(), settings.configBranch(), credentials, home.configCache());
  }
}
