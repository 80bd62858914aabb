package dev.muster.fleet.github;

import com.fasterxml.jackson.databind.JsonNode;
import dev.muster.fleet.job.JobFacts;
import dev.muster.fleet.job.JobId;
import dev.muster.fleet.job.RunOrigin;
import dev.muster.fleet.job.RunRef;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;

/** What GitHub says of jobs when it is asked. Its answers lag behind its webhooks. */
public final class GitHubJobs {
  private final GitHubClient client;

  public GitHubJobs(GitHubClient client) {
    this.client = client;
  }

  /** What GitHub knows of a job. */
  public sealed interface Lookup {
    /**
     * As GitHub shows it now.
     *
     * @param status in GitHub's words, as {@code queued} or {@code in_progress}
     */
    record Known(
        String status,
        Optional<String> conclusion,
        Optional<String> runnerName,
        Optional<Instant> startedAt,
        Optional<Instant> completedAt)
        implements Lookup {}

    /** Nothing: it was deleted, or cannot be seen yet. Ask twice before it counts. */
    record Gone() implements Lookup {}
  }

  /** What became of asking for a rerun. */
  public enum Rerun {
    /** New jobs with new ids will be queued. */
    ACCEPTED,
    /** GitHub refuses while the run is open, and where the App may not write actions. */
    REFUSED
  }

  public Lookup job(String repository, JobId id) {
    Repository where = Repository.of(repository);
    Call call =
        Call.get(Operation.READ_JOB, id + " of " + where, jobPath(where, id)).expecting(404);
    Answer answer = client.asInstallation(where.owner(), call);
    return answer.status() == 404 ? new Lookup.Gone() : answer.read(call, GitHubJobs::known);
  }

  private static Lookup.Known known(GitHubJson job) {
    return new Lookup.Known(
        job.text("status"),
        job.textIfAny("conclusion"),
        job.textIfAny("runner_name").filter(name -> !name.isEmpty()),
        job.timeIfAny("started_at"),
        job.timeIfAny("completed_at"));
  }

  /**
   * How far a run is.
   *
   * @param attempt the newest
   * @param over whether all jobs of that attempt have ended, so that GitHub reruns some
   */
  public record RunStatus(int attempt, boolean over) {}

  /** How far a run is; empty where GitHub knows, or shows, no such run. */
  public Optional<RunStatus> run(RunRef run) {
    return read(
        run, json -> new RunStatus(json.runAttempt(), json.text("status").equals("completed")));
  }

  /** Where a run's code comes from; empty where GitHub knows, or shows, no such run. */
  public Optional<RunOrigin> origin(RunRef run) {
    return read(run, json -> json.origin(run.repository()))
        .filter(origin -> origin.run().equals(run));
  }

  private <T> Optional<T> read(RunRef run, Function<GitHubJson, T> reader) {
    Repository where = Repository.of(run.repository());
    Call call =
        Call.get(
                Operation.READ_RUN, run.toString(), "/repos/" + where + "/actions/runs/" + run.id())
            .expecting(404);
    Answer answer = client.asInstallation(where.owner(), call);
    return answer.status() == 404 ? Optional.empty() : Optional.of(answer.read(call, reader));
  }

  /** The jobs of a repository that wait for a runner, as far as GitHub's lists show them yet. */
  public List<JobFacts> queued(String repository) {
    Repository where = Repository.of(repository);
    Map<Long, JsonNode> runs = new LinkedHashMap<>();
    // A run with one job at work is in progress, whatever of it still waits.
    for (String status : List.of("queued", "in_progress")) {
      client
          .list(
              where.owner(), scan(where, "/runs?status=" + status + "&per_page="), "workflow_runs")
          .forEach(run -> runs.put(run.path("id").asLong(), run));
    }
    List<JobFacts> queued = new ArrayList<>();
    runs.forEach((id, run) -> queued.addAll(queued(where, id, run)));
    return queued;
  }

  private List<JobFacts> queued(Repository where, long runId, JsonNode run) {
    boolean isPrivate = run.path("repository").path("private").asBoolean(false);
    Call call = scan(where, "/runs/" + runId + "/jobs?per_page=");
    return client.list(where.owner(), call, "jobs").stream()
        .filter(job -> job.path("status").asText().equals("queued"))
        .map(job ->
            Answer.read(call, job, json -> json.facts(where, isPrivate, OptionalLong.empty())))
        .toList();
  }

  /** Runs one job of a closed run again. */
  public Rerun rerun(String repository, JobId id) {
    Repository where = Repository.of(repository);
    return rerun(where, "job " + id, jobPath(where, id) + "/rerun");
  }

  /** Runs all failed jobs of a closed run again, those that failed by themselves too. */
  public Rerun rerunFailed(String repository, long runId) {
    Repository where = Repository.of(repository);
    return rerun(
        where, "run " + runId, "/repos/" + where + "/actions/runs/" + runId + "/rerun-failed-jobs");
  }

  private Rerun rerun(Repository where, String what, String path) {
    Call call = Call.post(Operation.RERUN, what + " of " + where, path).expecting(403);
    return client.asInstallation(where.owner(), call).status() == 403
        ? Rerun.REFUSED
        : Rerun.ACCEPTED;
  }

  private static Call scan(Repository where, String query) {
    return Call.get(
        Operation.SCAN_RUNS,
        where.toString(),
        "/repos/" + where + "/actions" + query + GitHubClient.PAGE);
  }

  private static String jobPath(Repository where, JobId id) {
    return "/repos/" + where + "/actions/jobs/" + id;
  }
}
