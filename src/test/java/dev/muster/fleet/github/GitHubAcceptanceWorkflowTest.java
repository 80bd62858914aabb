package dev.muster.fleet.github;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.config.Configs;
import dev.muster.fleet.acceptance.AcceptanceWorkflow;
import dev.muster.fleet.acceptance.AcceptanceWorkflow.Dispatch;
import dev.muster.fleet.acceptance.AcceptanceWorkflow.Lookup;
import dev.muster.fleet.acceptance.AcceptanceWorkflow.Place;
import dev.muster.fleet.job.RunRef;
import dev.muster.sandbox.JobRequest;
import dev.muster.sandbox.SandboxJob;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class GitHubAcceptanceWorkflowTest {
  private static final String REPOSITORY = "acme/api";
  private static final Place PLACE = new Place(REPOSITORY, "main");

  private GitHubFixture github;
  private GitHubAcceptanceWorkflow workflow;

  @BeforeEach
  void open() {
    github = new GitHubFixture();
    workflow = new GitHubAcceptanceWorkflow(github.client);
  }

  @AfterEach
  void close() {
    github.close();
  }

  private void push() {
    github.sandbox.addWorkflow(
        REPOSITORY, AcceptanceWorkflow.FILE, GitHubAcceptanceWorkflowTest::jobs);
  }

  private static List<JobRequest> jobs(Map<String, String> inputs) {
    String sleep = "sleep " + inputs.get("seconds");
    return List.of(
        new JobRequest("accept", List.of(String.valueOf(inputs.get("runs_on"))), List.of(sleep)));
  }

  @Test
  void workflowThatIsThereIsFoundWithItsBranch() {
    push();
    assertThat(workflow.find(REPOSITORY)).isEqualTo(new Lookup.Found(PLACE));
  }

  @Test
  void missingWorkflowIsSaidWithTheWayOut() {
    assertThat(workflow.find(REPOSITORY))
        .isInstanceOfSatisfying(
            Lookup.Missing.class,
            missing ->
                assertThat(missing.reason())
                    .contains(REPOSITORY, "muster-accept.yml", "config-examples/accept"));
    assertThat(workflow.dispatch(PLACE, "muster=1", Duration.ofSeconds(1)))
        .isInstanceOf(Dispatch.Refused.class);
  }

  @Test
  void repositoryThatTheAppDoesNotSeeIsMissing() {
    push();
    workflow.find(REPOSITORY); // so that the next call is the one that is refused
    github.sandbox.refuseNext(404, "Not Found", Map.of());
    assertThat(workflow.find(REPOSITORY))
        .isInstanceOfSatisfying(
            Lookup.Missing.class,
            missing -> assertThat(missing.reason()).contains("no repository " + REPOSITORY));
  }

  @Test
  void dispatchQueuesOneJobWithItsInputs() {
    push();
    assertThat(workflow.dispatch(PLACE, "muster=a/pool=b", Duration.ofMinutes(2)))
        .isEqualTo(new Dispatch.Accepted());
    SandboxJob job = onlyJob();
    assertThat(job.labels()).containsExactly("muster=a/pool=b");
    assertThat(job.steps()).containsExactly("sleep 120");
  }

  @Test
  void branchThatIsGoneIsRefusedInGitHubsWords() {
    push();
    assertThat(workflow.dispatch(new Place(REPOSITORY, "old"), "muster=1", Duration.ofSeconds(1)))
        .isInstanceOfSatisfying(
            Dispatch.Refused.class,
            refused -> assertThat(refused.reason()).contains("No ref found for: old"));
  }

  @Test
  void runIsCancelledOnceAndLeftAloneAfterwards() {
    push();
    workflow.dispatch(PLACE, "muster=1", Duration.ofSeconds(1));
    RunRef run = new RunRef(REPOSITORY, onlyJob().runId());
    workflow.cancel(run);
    workflow.cancel(run);
    assertThat(onlyJob().conclusion()).isEqualTo(Optional.of("cancelled"));
    workflow.cancel(new RunRef(REPOSITORY, 999_999));
  }

  @Test
  void exampleTakesWhatIsDispatched() throws Exception {
    String example =
        Files.readString(
            Configs.repository("config-examples/accept/.github/workflows")
                .resolve(AcceptanceWorkflow.FILE));
    assertThat(example)
        .contains("workflow_dispatch:", "runs-on: ${{ inputs.runs_on }}")
        .contains("${{ inputs.seconds }}");
  }

  private SandboxJob onlyJob() {
    // The sandbox numbers a run and its job one after the other.
    return github.sandbox.jobsOf(1001).getFirst();
  }
}
