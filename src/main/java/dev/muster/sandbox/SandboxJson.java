package dev.muster.sandbox;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.muster.sandbox.SandboxModel.Group;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** GitHub's shapes: the fields that programs read, with GitHub's names and types. */
final class SandboxJson {
  private final ObjectMapper mapper = new ObjectMapper();
  private final SandboxSettings settings;
  private final SandboxAccess access;

  SandboxJson(SandboxSettings settings, SandboxAccess access) {
    this.settings = settings;
    this.access = access;
  }

  ObjectNode object() {
    return mapper.createObjectNode();
  }

  /** A webhook's payload. */
  ObjectNode payload(HookEvent event) {
    ObjectNode root = object();
    switch (event) {
      case HookEvent.JobChanged(String action, SandboxJob job) -> {
        root.put("action", action);
        root.set("workflow_job", job(job));
      }
      case HookEvent.RunChanged(String action, SandboxRun run) -> {
        root.put("action", action);
        root.set("workflow_run", run(run));
      }
      case HookEvent.Pushed(String repository, String branch, String head) -> {
        root.put("ref", "refs/heads/" + branch);
        root.put("before", "0".repeat(40));
        root.put("after", head);
        root.put("created", false).put("deleted", false).put("forced", false);
        root.put("compare", "sandbox:" + repository);
      }
    }
    String owner = SandboxModel.ownerOf(event.repository());
    root.set("repository", repository(event.repository()));
    if (!access.isUser(owner)) {
      root.putObject("organization").put("login", owner).put("id", owner.hashCode() & 0xffff);
    }
    access.installation(owner).ifPresent(id -> root.putObject("installation").put("id", id));
    root.putObject("sender").put("login", "muster-sandbox").put("id", 1).put("type", "Bot");
    return root;
  }

  ObjectNode job(SandboxJob job) {
    ObjectNode node = object();
    node.put("id", job.id()).put("run_id", job.runId()).put("run_attempt", job.runAttempt());
    node.put("workflow_name", "muster sandbox");
    node.put("name", job.name());
    node.put("head_branch", "main").put("head_sha", SandboxRun.headOf(job.runId()));
    node.put("html_url", "sandbox:" + job.repository() + "/actions/runs/" + job.runId());
    node.put("status", word(job.status()));
    node.put("conclusion", job.conclusion().orElse(null));
    node.put("created_at", time(job.createdAt()));
    node.put("started_at", time(job.startedAt().orElse(job.createdAt())));
    node.put("completed_at", job.completedAt().map(SandboxJson::time).orElse(null));
    node.putArray("steps");
    job.labels().forEach(node.putArray("labels")::add);
    Optional<SandboxRegistration> runner = job.runner();
    node.put("runner_id", runner.map(SandboxRegistration::id).orElse(null));
    node.put("runner_name", runner.map(SandboxRegistration::name).orElse(null));
    node.put("runner_group_id", runner.map(SandboxRegistration::groupId).orElse(null));
    node.put("runner_group_name", runner.isPresent() ? "Default" : null);
    return node;
  }

  ObjectNode run(SandboxRun run) {
    ObjectNode node = object();
    node.put("id", run.id()).put("name", "muster sandbox").put("run_attempt", run.attempt());
    boolean own = run.head().equals(Optional.of(run.repository()));
    node.put("event", own ? "push" : "pull_request")
        .put("head_branch", "main")
        .put("head_sha", SandboxRun.headOf(run.id()));
    node.put("status", word(run.status())).put("conclusion", run.conclusion().orElse(null));
    node.put("created_at", time(run.createdAt()));
    node.set("repository", repository(run.repository()));
    node.set("head_repository", run.head().map(this::repository).orElse(null));
    return node;
  }

  ObjectNode check(SandboxCheck check) {
    ObjectNode node = object();
    node.put("id", check.id()).put("name", check.name()).put("head_sha", check.headSha());
    node.put("external_id", check.externalId().orElse(""));
    node.put("status", check.status()).put("conclusion", check.conclusion().orElse(null));
    node.putObject("output").put("title", check.title()).put("summary", check.summary());
    return node;
  }

  ObjectNode runner(SandboxRegistration runner) {
    ObjectNode node = object();
    node.put("id", runner.id()).put("name", runner.name()).put("os", "linux");
    node.put("status", runner.online() ? "online" : "offline").put("busy", runner.busy());
    node.put("runner_group_id", runner.groupId());
    var labels = node.putArray("labels");
    for (String label : runner.labels()) {
      labels.addObject().put("id", 0).put("name", label).put("type", "custom");
    }
    return node;
  }

  ObjectNode group(Group group) {
    return object()
        .put("id", group.id())
        .put("name", group.name())
        .put("visibility", group.repositories().isEmpty() ? "all" : "selected")
        .put("default", group.name().equals("Default"));
  }

  /** What a {@link SandboxRunner} enters with. */
  String jitConfig(String url, SandboxModel.Seated seated) {
    ObjectNode config =
        object()
            .put("sandbox", true)
            .put("url", url)
            .put("runner", seated.registration().id())
            .put("secret", seated.secret());
    return Base64.getEncoder().encodeToString(config.toString().getBytes(StandardCharsets.UTF_8));
  }

  /** A counted list, as {@code {"total_count": 1, "runners": [...]}}. */
  ObjectNode counted(String name, int total, List<ObjectNode> items) {
    ObjectNode node = object().put("total_count", total);
    node.putArray(name).addAll(items);
    return node;
  }

  private ObjectNode repository(String fullName) {
    String owner = SandboxModel.ownerOf(fullName);
    ObjectNode node = object();
    node.put("id", fullName.hashCode() & 0xffffff);
    node.put("name", fullName.substring(owner.length() + 1)).put("full_name", fullName);
    node.put("private", !settings.publicRepositories().contains(fullName));
    node.put("fork", false).put("default_branch", "main");
    node.putObject("owner")
        .put("login", owner)
        .put("type", access.isUser(owner) ? "User" : "Organization");
    return node;
  }

  /** GitHub's times have whole seconds. */
  static String time(Instant instant) {
    return instant.truncatedTo(ChronoUnit.SECONDS).toString();
  }

  static String word(SandboxJob.Status status) {
    return status.name().toLowerCase(Locale.ROOT);
  }
}
