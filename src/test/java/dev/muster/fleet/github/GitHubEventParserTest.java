package dev.muster.fleet.github;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.muster.fleet.github.GitHubEvent.Ignored;
import dev.muster.fleet.github.GitHubEvent.InstallationChanged;
import dev.muster.fleet.github.GitHubEvent.JobAction;
import dev.muster.fleet.github.GitHubEvent.JobChanged;
import dev.muster.fleet.github.GitHubEvent.Ping;
import dev.muster.fleet.github.GitHubEvent.Pushed;
import dev.muster.fleet.github.GitHubEvent.RunCompleted;
import dev.muster.fleet.github.GitHubEvent.Unread;
import dev.muster.fleet.job.RunOrigin;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GitHubEventParserTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private final GitHubEventParser parser = new GitHubEventParser();

  @Test
  void readsAQueuedJob() {
    JobChanged job = (JobChanged) parser.parse("workflow_job", example("workflow_job.queued"));

    assertThat(job.action()).isEqualTo(JobAction.QUEUED);
    assertThat(job.facts().id().value()).isEqualTo(12877621891L);
    assertThat(job.facts().runId()).isEqualTo(4747967848L);
    assertThat(job.facts().repository()).isEqualTo("lineville/elastic-machines-testing");
    assertThat(job.facts().labels()).containsExactly("self-hosted", "k8s");
    assertThat(job.facts().workflow()).contains("Env Test");
    assertThat(job.facts().installation()).isEqualTo(OptionalLong.of(23154469));
    assertThat(job.facts().privateRepository()).isFalse();
    assertThat(job.at()).isEqualTo(Instant.parse("2023-04-19T21:12:12Z"));
    assertThat(job.runnerName()).isEmpty();
  }

  @Test
  void readsAJobOfAnOlderServerWithoutAttemptAndCreation() {
    JobChanged job = (JobChanged) parser.parse("workflow_job", example("workflow_job.in_progress"));

    assertThat(job.action()).isEqualTo(JobAction.IN_PROGRESS);
    assertThat(job.facts().runAttempt()).isEqualTo(1);
    assertThat(job.facts().privateRepository()).isTrue();
    assertThat(job.runnerName()).contains("my runner");
    assertThat(job.runnerId()).contains(1L);
    assertThat(job.at()).isEqualTo(Instant.parse("2021-06-15T19:22:27Z"));
  }

  @Test
  void readsACompletedJob() {
    JobChanged job = (JobChanged) parser.parse("workflow_job", example("workflow_job.completed"));

    assertThat(job.action()).isEqualTo(JobAction.COMPLETED);
    assertThat(job.conclusion()).contains("failure");
    assertThat(job.at()).isEqualTo(Instant.parse("2021-08-05T10:38:16Z"));
  }

  @Test
  void readsTheOtherEvents() {
    assertThat(parser.parse("workflow_job", example("workflow_job.waiting")))
        .isInstanceOfSatisfying(
            JobChanged.class, job -> assertThat(job.action()).isEqualTo(JobAction.WAITING));
    assertThat(parser.parse("workflow_run", example("workflow_run.completed")))
        .isInstanceOfSatisfying(
            RunCompleted.class, run -> assertThat(run.conclusion()).contains("success"));
    assertThat(parser.parse("push", example("push")))
        .isInstanceOfSatisfying(
            Pushed.class,
            push -> {
              assertThat(push.branch()).isEqualTo("master");
              assertThat(push.head()).hasSize(40);
            });
    assertThat(parser.parse("ping", example("ping"))).isInstanceOf(Ping.class);
    assertThat(parser.parse("installation", example("installation.created")))
        .isEqualTo(new InstallationChanged("created", "Codertocat", 957387));
  }

  @Test
  void readsWhereARunsCodeComesFrom() {
    byte[] own = changed("workflow_run.completed", root -> root.put("action", "requested"));
    byte[] fork =
        changed(
            "workflow_run.completed",
            root -> {
              root.put("action", "in_progress");
              run(root).putObject("head_repository").put("full_name", "mallory/octo-repo");
            });
    byte[] gone =
        changed(
            "workflow_run.completed",
            root -> run(root.put("action", "requested")).putNull("head_repository"));
    assertThat(origin(own)).matches(origin -> !origin.fork(), "not a fork");
    assertThat(origin(fork).head()).contains("mallory/octo-repo");
    assertThat(List.of(origin(fork), origin(gone))).allMatch(RunOrigin::fork);
  }

  private static ObjectNode run(ObjectNode root) {
    return (ObjectNode) root.path("workflow_run");
  }

  private RunOrigin origin(byte[] body) {
    return ((GitHubEvent.RunBegun) parser.parse("workflow_run", body)).origin();
  }

  @ParameterizedTest
  @ValueSource(strings = {"[]", "[[{}]]", "7", "null", "{}", "{\"else\": [{}]}"})
  void ignoresWhatIsNoPayload(String body) {
    assertThat(events(body)).allSatisfy(event -> assertThat(event).isInstanceOf(Ignored.class));
  }

  /** The door tells the sender, and relies on hearing of it from here. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "\u0000",
        "{} {}",
        "{} []",
        "{\"else\": 1} {\"action\": \"queued\"}",
        "[] x",
        "7 7",
        "{\"else\": [1,]}",
        "{\"action\": \"queued\"} x"
      })
  void saysWhatItCouldNotReadToItsEnd(String body) {
    assertThat(events(body)).allSatisfy(event -> assertThat(event).isInstanceOf(Unread.class));
  }

  @Test
  void readsSixtyFourLevelsAndNotOneMore() {
    assertThat(events("[".repeat(64) + "]".repeat(64)))
        .allSatisfy(event -> assertThat(event).isInstanceOf(Ignored.class));
    assertThat(events("{\"else\":" + "[".repeat(64) + "]".repeat(64) + "}"))
        .allSatisfy(event -> assertThat(event).isInstanceOf(Unread.class));
  }

  private List<GitHubEvent> events(String body) {
    return Stream.of("workflow_job", "workflow_run", "push", "installation", "star")
        .map(event -> parser.parse(event, body.getBytes(StandardCharsets.UTF_8)))
        .toList();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "id|\"7\"|workflow_job.id is not a positive number",
        "id|-7|workflow_job.id is not a positive number",
        "id|99999999999999999999|workflow_job.id is not a positive number",
        "run_id|null|workflow_job.run_id is not a positive number",
        "run_attempt|\"1\"|workflow_job.run_attempt is not a positive number",
        "name|7|workflow_job.name is not text",
        "labels|\"self-hosted\"|workflow_job.labels is not a list of text",
        "labels|[7]|workflow_job.labels is not a list of text",
        "created_at|\"yesterday\"|workflow_job.created_at is not a time",
        "runner_name|{}|workflow_job.runner_name is not text",
      })
  void ignoresAJobWithAWrongType(String field, String value, String reason) {
    byte[] body = changed("workflow_job.queued", root -> job(root).set(field, json(value)));

    assertThat(parser.parse("workflow_job", body)).isEqualTo(new Ignored(reason));
  }

  @Test
  void ignoresAnUnknownActionAndAnUnknownEvent() {
    byte[] body = changed("workflow_job.queued", root -> root.put("action", "pondered"));

    assertThat(parser.parse("workflow_job", body))
        .isEqualTo(new Ignored("action pondered of workflow_job is not known"));
    assertThat(parser.parse("star", body)).isInstanceOf(Ignored.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"api", "../api", "acme/..", "acme/a/b", "acme/", "acme/a b", "a?/b"})
  void ignoresARepositoryThatWouldBendAnAddress(String name) {
    byte[] body =
        changed(
            "workflow_job.queued",
            root -> ((ObjectNode) root.path("repository")).put("full_name", name));

    assertThat(parser.parse("workflow_job", body))
        .isEqualTo(new Ignored("repository.full_name is not OWNER/NAME"));
  }

  @Test
  void ignoresAPushOfATagAndOneThatDeletes() {
    Stream<Consumer<ObjectNode>> changes =
        Stream.of(root -> root.put("ref", "refs/tags/v1"), root -> root.put("deleted", true));
    assertThat(changes)
        .allSatisfy(change ->
            assertThat(parser.parse("push", changed("push", change))).isInstanceOf(Ignored.class));
  }

  @Test
  void takesARepositoryForPublicThatDoesNotSay() {
    byte[] body =
        changed(
            "workflow_job.in_progress",
            root -> ((ObjectNode) root.path("repository")).remove("private"));

    assertThat(parser.parse("workflow_job", body))
        .isInstanceOfSatisfying(
            JobChanged.class, job -> assertThat(job.facts().privateRepository()).isFalse());
  }

  @Test
  void readsARunWithoutAConclusion() {
    byte[] body =
        changed(
            "workflow_run.completed",
            root -> ((ObjectNode) root.path("workflow_run")).putNull("conclusion"));

    assertThat(parser.parse("workflow_run", body))
        .isInstanceOfSatisfying(
            RunCompleted.class, run -> assertThat(run.conclusion()).isEqualTo(Optional.empty()));
  }

  private static ObjectNode job(ObjectNode root) {
    return (ObjectNode) root.path("workflow_job");
  }

  private static byte[] changed(String example, Consumer<ObjectNode> change) {
    ObjectNode root = (ObjectNode) json(new String(example(example), StandardCharsets.UTF_8));
    change.accept(root);
    return root.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static JsonNode json(String text) {
    try {
      return JSON.readTree(text);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static byte[] example(String name) {
    try (InputStream in =
        GitHubEventParserTest.class.getResourceAsStream("/github/" + name + ".json")) {
      assertThat(in).isNotNull();
      return in.readAllBytes();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
