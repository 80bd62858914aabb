package dev.muster.fleet.github;

import com.fasterxml.jackson.databind.JsonNode;
import dev.muster.kernel.reconcile.StalledException;
import dev.muster.kernel.reconcile.TransientException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Whether the App can do what is needed: its key, its permissions, its events. */
public final class AppCheck {
  private static final String NAME = "github app";

  private final GitHubClient client;

  public AppCheck(GitHubClient client) {
    this.client = client;
  }

  /**
   * One thing that was looked at.
   *
   * @param mend the way out; empty when it is well
   */
  public record Finding(String check, boolean ok, String detail, Optional<String> mend) {}

  /** Asks GitHub about the App of the config in force. */
  public List<Finding> run() {
    JsonNode app;
    try {
      app = client.asApp(Call.get(Operation.READ_APP, "the App", "/app")).body();
    } catch (TransientException | StalledException e) {
      return List.of(
          new Finding(
              NAME,
              false,
              String.valueOf(e.getMessage()),
              Optional.of("check github.app.id, its private key and the network")));
    }
    List<Finding> findings = new ArrayList<>();
    findings.add(
        new Finding(
            NAME, true, "GitHub knows it as " + app.path("slug").asText(), Optional.empty()));
    findings.add(permissions(app));
    findings.add(events(app));
    return findings;
  }

  private static Finding permissions(JsonNode app) {
    List<String> missing = new ArrayList<>();
    AppManifest.PERMISSIONS.forEach((permission, level) -> {
      String has = app.path("permissions").path(permission).asText("none");
      boolean enough = has.equals(level) || has.equals("write");
      if (!enough) {
        missing.add(permission + ": " + level + " (has " + has + ")");
      }
    });
    return finding("github permissions", missing, "grant them on the App's settings page");
  }

  private static Finding events(JsonNode app) {
    List<String> has = new ArrayList<>();
    app.path("events").forEach(event -> has.add(event.asText()));
    List<String> missing =
        AppManifest.EVENTS.stream().filter(event -> !has.contains(event)).toList();
    return finding("github events", missing, "subscribe to them on the App's settings page");
  }

  private static Finding finding(String check, List<String> missing, String mend) {
    return missing.isEmpty()
        ? new Finding(check, true, "complete", Optional.empty())
        : new Finding(check, false, "missing " + String.join(", ", missing), Optional.of(mend));
  }
}
