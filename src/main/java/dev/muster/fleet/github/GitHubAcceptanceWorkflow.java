package dev.muster.fleet.github;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.muster.fleet.acceptance.AcceptanceWorkflow;
import dev.muster.fleet.job.RunRef;
import java.time.Duration;

/** Dispatches the workflow of an acceptance as the App, which may write actions. */
public final class GitHubAcceptanceWorkflow implements AcceptanceWorkflow {
  private final GitHubClient client;

  public GitHubAcceptanceWorkflow(GitHubClient client) {
    this.client = client;
  }

  @Override
  public Lookup find(String repository) {
    Repository where = Repository.of(repository);
    Call call = Call.get(Operation.READ_REPOSITORY, repository, "/repos/" + where).expecting(404);
    Answer answer = client.asInstallation(where.owner(), call);
    if (answer.status() == 404) {
      return new Lookup.Missing(
          "GitHub shows the App no repository %s; check its name, and that the App is installed there"
              .formatted(repository));
    }
    Place place =
        answer.read(call, json -> new Place(json.text("full_name"), json.text("default_branch")));
    Repository known = Repository.of(place.repository());
    Call workflow =
        Call.get(Operation.READ_WORKFLOW, FILE + " of " + known, path(known)).expecting(404);
    return client.asInstallation(known.owner(), workflow).status() == 404
        ? missing(place)
        : new Lookup.Found(place);
  }

  private static Lookup.Missing missing(Place place) {
    return new Lookup.Missing(
        "%s has no .github/workflows/%s on its branch %s; push the one of config-examples/accept there"
            .formatted(place.repository(), FILE, place.branch()));
  }

  @Override
  public Dispatch dispatch(Place place, String runsOn, Duration work) {
    Repository where = Repository.of(place.repository());
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    body.put("ref", place.branch());
    // GitHub takes inputs as strings alone.
    body.putObject("inputs").put("runs_on", runsOn).put("seconds", Long.toString(work.toSeconds()));
    Call call =
        Call.post(Operation.DISPATCH, FILE + " of " + where, path(where) + "/dispatches")
            .with(body)
            .expecting(404, 422);
    Answer answer = client.asInstallation(where.owner(), call);
    return switch (answer.status()) {
      case 404 -> new Dispatch.Refused(missing(place).reason());
      case 422 ->
          new Dispatch.Refused(
              "GitHub refuses to run %s of %s: %s; push the one of config-examples/accept there"
                  .formatted(FILE, where, answer.body().path("message").asText("it says no more")));
      default -> new Dispatch.Accepted();
    };
  }

  @Override
  public void cancel(RunRef run) {
    Repository where = Repository.of(run.repository());
    Call call =
        Call.post(
                Operation.CANCEL,
                run.toString(),
                "/repos/" + where + "/actions/runs/" + run.id() + "/cancel")
            .expecting(404, 409);
    client.asInstallation(where.owner(), call);
  }

  private static String path(Repository where) {
    return "/repos/" + where + "/actions/workflows/" + FILE;
  }
}
