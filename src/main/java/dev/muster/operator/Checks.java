package dev.muster.operator;

import dev.muster.config.InForce;
import dev.muster.config.RevisionStore;
import dev.muster.config.SecretRef;
import dev.muster.config.Secrets;
import dev.muster.config.Snapshot;
import dev.muster.fleet.github.AppCheck;
import dev.muster.fleet.github.GitHubSpec;
import dev.muster.kernel.home.Home;
import dev.muster.kernel.notice.Finding;
import dev.muster.kernel.reconcile.StalledException;
import dev.muster.kernel.reconcile.TransientException;
import dev.muster.kernel.store.Database;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What {@code muster doctor} looks at from inside of a running appliance. */
public final class Checks {
  private static final long LITTLE_ROOM = 1L << 30;

  private final Database database;
  private final InForce inForce;
  private final Secrets secrets;
  private final AppCheck app;
  private final Providers providers;
  private final Home home;

  /** Looks at the providers that the config in force uses. */
  public interface Providers {
    /** What was found; nothing is made. */
    List<Finding> examine() throws InterruptedException;
  }

  public Checks(
      Database database,
      InForce inForce,
      Secrets secrets,
      AppCheck app,
      Providers providers,
      Home home) {
    this.database = database;
    this.inForce = inForce;
    this.secrets = secrets;
    this.app = app;
    this.providers = providers;
    this.home = home;
  }

  /** Those that do not hold, each in a line with the way out. */
  public List<String> ills() throws InterruptedException {
    return run().stream()
        .filter(finding -> !finding.ok())
        .map(finding ->
            "%s: %s%s"
                .formatted(
                    finding.check(),
                    finding.detail(),
                    finding.mend().map(mend -> "; " + mend).orElse("")))
        .toList();
  }

  List<Finding> run() throws InterruptedException {
    List<Finding> findings = new ArrayList<>();
    findings.add(disk());
    findings.add(config());
    Optional<GitHubSpec> github = inForce.get().map(s -> s.get(GitHubSpec.class));
    github.ifPresent(spec -> findings.addAll(secrets(spec)));
    if (github.flatMap(GitHubSpec::app).isPresent()) {
      findings.addAll(app.run());
    } else {
      findings.add(
          Finding.ill(
              "github app",
              "the config names no App: jobs are recorded, and no runner can be registered",
              "create one on the status page under GitHub App, and name it under github.app"));
    }
    findings.addAll(providers.examine());
    return findings;
  }

  private Finding disk() {
    try {
      long room = Files.getFileStore(home.root()).getUsableSpace();
      String detail =
          "%d MiB free, the database takes %d MiB"
              .formatted(room >> 20, database.sizeOnDisk() >> 20);
      return room < LITTLE_ROOM
          ? Finding.ill("disk", detail, "make room under " + home.root() + ", or lower retention")
          : Finding.well("disk", detail);
    } catch (IOException e) {
      return Finding.ill("disk", "cannot be seen: " + e.getMessage(), "check " + home.root());
    }
  }

  private Finding config() {
    Optional<Snapshot> snapshot = inForce.get();
    Optional<RevisionStore.Decided> rejected = database.read(RevisionStore::rejectedHead);
    if (rejected.isPresent()) {
      return Finding.ill(
          "config",
          "the newest commit %s is rejected: %s"
              .formatted(rejected.get().revision().brief(), rejected.get().problems().getFirst()),
          "mend the file and push again; muster validate shows every problem");
    }
    return snapshot
        .map(s ->
            Finding.well(
                "config",
                "%s of %s is in force".formatted(s.revision().brief(), s.revision().source())))
        .orElseGet(
            () -> Finding.ill("config", "none is in force", "push one; see docs/configuration.md"));
  }

  private List<Finding> secrets(GitHubSpec spec) {
    List<SecretRef> refs = new ArrayList<>(spec.webhookSecrets());
    spec.app().ifPresent(a -> refs.add(a.privateKey()));
    List<Finding> findings = new ArrayList<>();
    for (SecretRef ref : refs) {
      String check = "secret " + ref.name();
      try {
        findings.add(
            secrets
                .find(ref)
                .map(found -> Finding.well(check, "found: " + found.place()))
                .orElseGet(() ->
                    Finding.ill(
                        check,
                        "nothing holds it",
                        "put it into "
                            + home.secrets()
                            + "; docs/operating.md names the other places")));
      } catch (StalledException | TransientException e) {
        findings.add(Finding.ill(check, String.valueOf(e.getMessage()), "mend what this names"));
      }
    }
    return findings;
  }
}
