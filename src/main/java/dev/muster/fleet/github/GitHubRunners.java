package dev.muster.fleet.github;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.muster.fleet.job.JobFacts;
import dev.muster.fleet.runner.RunnerRegistry;
import dev.muster.kernel.reconcile.StalledException;
import dev.muster.kernel.reconcile.TransientException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Just-in-time runners at a job's repository, or in a runner group of its organisation. */
public final class GitHubRunners implements RunnerRegistry {
  /** Every repository and organisation has this group. */
  private static final long DEFAULT_GROUP = 1;

  private static final String WORK_FOLDER = "_work";

  private record GroupName(String organization, String name) {}

  private final GitHubClient client;
  private final Map<GroupName, Long> groups = new ConcurrentHashMap<>();

  public GitHubRunners(GitHubClient client) {
    this.client = client;
  }

  @Override
  public String scope(JobFacts job, Optional<String> runnerGroup) {
    Repository repository = Repository.of(job.repository());
    return runnerGroup.isPresent() ? "orgs/" + repository.owner() : "repos/" + repository;
  }

  @Override
  public Registration register(JobFacts job, String name, Optional<String> runnerGroup) {
    Repository repository = Repository.of(job.repository());
    return runnerGroup.isPresent()
        ? registerInGroup(repository.owner(), job.labels(), name, runnerGroup.get())
        : registered(
            "repos/" + repository,
            name,
            register("repos/" + repository, job.labels(), name, DEFAULT_GROUP));
  }

  private Registration registerInGroup(
      String organization, List<String> labels, String name, String group) {
    String scope = "orgs/" + organization;
    GroupName key = new GroupName(organization.toLowerCase(Locale.ROOT), group);
    Answer answer = register(scope, labels, name, groupId(organization, key));
    if (answer.status() == 404) {
      // The group was made anew under another number.
      groups.remove(key);
      answer = register(scope, labels, name, groupId(organization, key));
    }
    return registered(scope, name, answer);
  }

  private Answer register(String scope, List<String> labels, String name, long group) {
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    body.put("name", name).put("runner_group_id", group).put("work_folder", WORK_FOLDER);
    labels.forEach(body.putArray("labels")::add);
    Call call =
        Call.post(
                Operation.REGISTER_RUNNER,
                name + " at " + scope,
                "/" + scope + "/actions/runners/generate-jitconfig")
            .with(body)
            .expecting(404, 409);
    return client.asInstallation(ownerOf(scope), call);
  }

  private static Registration registered(String scope, String name, Answer answer) {
    if (answer.status() == 404) {
      throw new StalledException(
          "GitHub: register %s at %s: not found; check that the App is installed there and may write %s"
              .formatted(
                  name,
                  scope,
                  scope.startsWith("orgs/") ? "self-hosted runners" : "administration"),
          null);
    }
    if (answer.status() == 409) {
      throw new TransientException(
          "GitHub: register %s at %s: the name is in use; remove that runner or take another name"
              .formatted(name, scope),
          null);
    }
    JsonNode jit = answer.body().path("encoded_jit_config");
    long id = answer.body().path("runner").path("id").asLong();
    if (!jit.isTextual() || id <= 0) {
      throw new TransientException(
          "GitHub: register %s at %s: the answer holds no configuration".formatted(name, scope),
          null);
    }
    return new Registration(scope, id, jit.asText());
  }

  @Override
  public Removal remove(String scope, long githubId) {
    Call call =
        Call.delete(
                Operation.REMOVE_RUNNER,
                githubId + " at " + scope,
                "/" + scope + "/actions/runners/" + githubId)
            .expecting(404, 422);
    return client.asInstallation(ownerOf(scope), call).status() == 422
        ? Removal.BUSY
        : Removal.REMOVED;
  }

  @Override
  public List<Remote> list(String scope) {
    Call call =
        Call.get(
            Operation.LIST_RUNNERS,
            scope,
            "/" + scope + "/actions/runners?per_page=" + GitHubClient.PAGE);
    return client.list(ownerOf(scope), call, "runners").stream()
        .map(runner ->
            new Remote(
                runner.path("id").asLong(),
                runner.path("name").asText(),
                runner.path("status").asText().equals("online"),
                runner.path("busy").asBoolean()))
        .toList();
  }

  private long groupId(String organization, GroupName key) {
    Long known = groups.get(key);
    if (known != null) {
      return known;
    }
    Call call =
        Call.get(
            Operation.LIST_GROUPS,
            organization,
            "/orgs/" + organization + "/actions/runner-groups?per_page=" + GitHubClient.PAGE);
    long id =
        client.list(organization, call, "runner_groups").stream()
            .filter(group -> group.path("name").asText().equals(key.name()))
            .map(group -> group.path("id").asLong())
            .findFirst()
            .orElseThrow(() ->
                new StalledException(
                    "GitHub: organisation %s has no runner group '%s'; create it, or correct the environment's runner_group"
                        .formatted(organization, key.name()),
                    null));
    groups.put(key, id);
    return id;
  }

  private static String ownerOf(String scope) {
    return scope.split("/", -1)[1];
  }
}
