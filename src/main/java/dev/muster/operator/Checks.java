package dev.muster.operator;

import dev.muster.config.InForce;
import dev.muster.config.RevisionStore;
import dev.muster.config.SecretRef;
import dev.muster.config.Secrets;
import dev.muster.config.Snapshot;
import dev.muster.fleet.compute.Finding;
import dev.muster.fleet.github.AppCheck;
import dev.muster.fleet.github.GitHubSpec;
import dev.muster.kernel.home.Home;
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

  /**
   * One thing that was looked at.
   *
   * @param mend the way out; with an {@code ok} one a warning, empty when it is well
   */
  public record Result(String check, boolean ok, String detail, Optional<String> mend) {
    static Result well(String check, String detail) {
      return new Result(check, true, detail, Optional.empty());
    }

    static Result ill(String check, String detail, String mend) {
      return new Result(check, false, detail, Optional.of(mend));
    }
  }

  /** Those that do not hold, each in a line with the way out. */
  public List<String> ills() throws InterruptedException {
    return run().stream()
        .filter(result -> !result.ok())
        .map(result ->
            "%s: %s%s"
                .formatted(
                    result.check(),
                    result.detail(),
                    result.mend().map(mend -> "; " + mend).orElse("")))
        .toList();
  }

  List<Result> run() throws InterruptedException {
    List<Result> results = new ArrayList<>();
    results.add(disk());
    results.add(config());
    Optional<GitHubSpec> github = inForce.get().map(s -> s.get(GitHubSpec.class));
    github.ifPresent(spec -> results.addAll(secrets(spec)));
    if (github.flatMap(GitHubSpec::app).isPresent()) {
      for (AppCheck.Finding finding : app.run()) {
        results.add(new Result(finding.check(), finding.ok(), finding.detail(), finding.mend()));
      }
    } else {
      results.add(
          Result.ill(
              "github app",
              "the config names no App: jobs are recorded, and no runner can be registered",
              "create one on the status page under GitHub App, and name it under github.app"));
    }
    for (Finding finding : providers.examine()) {
      results.add(new Result(finding.check(), finding.ok(), finding.detail(), finding.mend()));
    }
    return results;
  }

  private Result disk() {
    try {
      long room = Files.getFileStore(home.root()).getUsableSpace();
      String detail =
          "%d MiB free, the database takes %d MiB"
              .formatted(room >> 20, database.sizeOnDisk() >> 20);
      return room < LITTLE_ROOM
          ? Result.ill("disk", detail, "make room under " + home.root() + ", or lower retention")
          : Result.well("disk", detail);
    } catch (IOException e) {
      return Result.ill("disk", "cannot be seen: " + e.getMessage(), "check " + home.root());
    }
  }

  private Result config() {
    Optional<Snapshot> snapshot = inForce.get();
    Optional<RevisionStore.Decided> rejected = database.read(RevisionStore::rejectedHead);
    if (rejected.isPresent()) {
      return Result.ill(
          "config",
          "the newest commit %s is rejected: %s"
              .formatted(rejected.get().revision().brief(), rejected.get().problems().getFirst()),
          "mend the file and push again; muster validate shows every problem");
    }
    return snapshot
        .map(s ->
            Result.well(
                "config",
                "%s of %s is in force".formatted(s.revision().brief(), s.revision().source())))
        .orElseGet(
            () -> Result.ill("config", "none is in force", "push one; see docs/configuration.md"));
  }

  private List<Result> secrets(GitHubSpec spec) {
    List<SecretRef> refs = new ArrayList<>(spec.webhookSecrets());
    spec.app().ifPresent(a -> refs.add(a.privateKey()));
    List<Result> results = new ArrayList<>();
    for (SecretRef ref : refs) {
      String check = "secret " + ref.name();
      try {
        results.add(
            secrets
                .find(ref)
                .map(found -> Result.well(check, "found: " + found.place()))
                .orElseGet(() ->
                    Result.ill(
                        check,
                        "nothing holds it",
                        "put it into "
                            + home.secrets()
                            + "; docs/operating.md names the other places")));
      } catch (StalledException | TransientException e) {
        results.add(Result.ill(check, String.valueOf(e.getMessage()), "mend what this names"));
      }
    }
    return results;
  }
}
