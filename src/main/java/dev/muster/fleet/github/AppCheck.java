package dev.muster.fleet.github;

import com.fasterxml.jackson.databind.JsonNode;
import dev.muster.kernel.notice.Finding;
import dev.muster.kernel.reconcile.StalledException;
import dev.muster.kernel.reconcile.TransientException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** Whether the App can do what is needed: its key, permissions, events and webhook. */
public final class AppCheck {
  private static final String NAME = "github app";

  /** A token that is good for ten minutes is refused when clocks differ by more. */
  private static final Duration SKEW = Duration.ofMinutes(1);

  private final GitHubClient client;
  private final Supplier<URI> publicUrl;
  private final InstantSource clock;

  /**
   * Asks nothing.
   *
   * @param publicUrl where GitHub should send its webhooks
   */
  public AppCheck(GitHubClient client, Supplier<URI> publicUrl, InstantSource clock) {
    this.client = client;
    this.publicUrl = publicUrl;
    this.clock = clock;
  }

  /** Asks GitHub about the App of the config in force. */
  public List<Finding> run() {
    Answer answer;
    JsonNode hook;
    try {
      answer = client.asApp(Call.get(Operation.READ_APP, "the App", "/app"));
      hook = client.asApp(Call.get(Operation.READ_HOOK, "the App", "/app/hook/config")).body();
    } catch (TransientException | StalledException e) {
      return List.of(
          new Finding(
              NAME,
              false,
              String.valueOf(e.getMessage()),
              Optional.of("check github.app.id, its private key and the network")));
    }
    JsonNode app = answer.body();
    List<Finding> findings = new ArrayList<>();
    findings.add(
        new Finding(
            NAME, true, "GitHub knows it as " + app.path("slug").asText(), Optional.empty()));
    findings.add(permissions(app));
    findings.add(events(app));
    findings.add(webhook(hook));
    answer.at().map(this::clock).ifPresent(findings::add);
    return findings;
  }

  private Finding webhook(JsonNode hook) {
    String check = "github webhook";
    String wanted = publicUrl.get().toString().replaceAll("/+$", "") + "/webhooks/github";
    String has = hook.path("url").asText("");
    if (has.isEmpty()) {
      return new Finding(
          check,
          false,
          "the App has none",
          Optional.of("set it to " + wanted + " in its settings"));
    }
    if (!hook.path("content_type").asText("json").equals("json")) {
      return new Finding(
          check, false, "it sends forms", Optional.of("choose application/json in its settings"));
    }
    return has.equals(wanted)
        ? new Finding(check, true, "it goes to " + has, Optional.empty())
        : new Finding(
            check,
            true,
            "it goes to %s, and this appliance is %s".formatted(has, wanted),
            Optional.of("correct it in the App's settings, or public_url of this appliance"));
  }

  private Finding clock(Instant theirs) {
    Duration skew = Duration.between(theirs, clock.instant()).abs();
    return skew.compareTo(SKEW) > 0
        ? new Finding(
            "clock",
            false,
            "it differs from GitHub's by %d s".formatted(skew.toSeconds()),
            Optional.of("let chrony or timesyncd keep this machine's time"))
        : new Finding("clock", true, "it agrees with GitHub's", Optional.empty());
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
