package dev.muster.fleet.github;

import static dev.muster.webhook.DeliveryHandler.MAX_DEPTH;
import static java.util.Map.entry;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.filter.FilteringParserDelegate;
import com.fasterxml.jackson.core.filter.TokenFilter;
import com.fasterxml.jackson.core.filter.TokenFilter.Inclusion;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.muster.fleet.github.GitHubEvent.Ignored;
import dev.muster.fleet.github.GitHubEvent.JobAction;
import dev.muster.fleet.github.GitHubEvent.Unread;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Reads webhooks. What it does not know becomes {@link Ignored}, what it cannot read to its end
 * {@link Unread}, each with the reason.
 */
public final class GitHubEventParser {
  private static final String BRANCH = "refs/heads/";

  /** A tree of more tokens would fill the heap; GitHub's largest payloads hold a tenth of it. */
  private static final long MOST_TOKENS = 1_000_000;

  private final ObjectMapper mapper =
      new ObjectMapper(
          JsonFactory.builder()
              .streamReadConstraints(
                  StreamReadConstraints.builder()
                      .maxTokenCount(MOST_TOKENS)
                      .maxNestingDepth(MAX_DEPTH)
                      .build())
              .build());

  /**
   * Never throws.
   *
   * @param event as {@code X-GitHub-Event} names it
   * @param payload the raw body
   */
  public GitHubEvent parse(String event, byte[] payload) {
    try {
      JsonNode root = read(payload);
      if (!root.isObject()) {
        return new Ignored("the payload is not an object");
      }
      GitHubJson json = new GitHubJson("", root);
      return switch (event) {
        case "workflow_job" -> job(json);
        case "workflow_run" -> run(json);
        case "push" -> push(json);
        case "ping" -> new GitHubEvent.Ping(json.textIfAny("zen"));
        case "installation" -> installation(json);
        default -> new Ignored("event " + event + " means nothing here");
      };
    } catch (StreamConstraintsException e) {
      return new Unread("the payload is too large to be read: " + e.getOriginalMessage());
    } catch (IOException e) {
      return new Unread("the payload is not JSON");
    } catch (GitHubJson.Unreadable e) {
      return new Ignored(String.valueOf(e.getMessage()));
    }
  }

  /** Builds a tree of what is asked for below alone; most of a payload is addresses. */
  private JsonNode read(byte[] payload) throws IOException {
    try (JsonParser whole = mapper.createParser(payload);
        JsonParser parser =
            new FilteringParserDelegate(whole, Wanted.ROOT, Inclusion.INCLUDE_ALL_AND_PATH, true)) {
      JsonNode root = mapper.readTree(parser);
      if (root == null || whole.nextToken() != null) {
        throw new JsonParseException(whole, "not one value");
      }
      return root;
    }
  }

  /** Leaves out the members that nobody reads. */
  private static final class Wanted extends TokenFilter {
    private static final TokenFilter ROOT =
        new Wanted(
            Map.ofEntries(
                entry("action", INCLUDE_ALL),
                entry(
                    "workflow_job",
                    members(
                        "id",
                        "run_id",
                        "run_attempt",
                        "name",
                        "workflow_name",
                        "labels",
                        "head_sha",
                        "head_branch",
                        "created_at",
                        "started_at",
                        "completed_at",
                        "conclusion",
                        "runner_id",
                        "runner_name")),
                entry(
                    "workflow_run",
                    new Wanted(
                        Map.of(
                            "id", INCLUDE_ALL,
                            "run_attempt", INCLUDE_ALL,
                            "conclusion", INCLUDE_ALL,
                            "head_repository", members("full_name")))),
                entry("repository", members("full_name", "private")),
                entry(
                    "installation",
                    new Wanted(Map.of("id", INCLUDE_ALL, "account", members("login")))),
                entry("ref", INCLUDE_ALL),
                entry("after", INCLUDE_ALL),
                entry("deleted", INCLUDE_ALL),
                entry("zen", INCLUDE_ALL)));

    private final Map<String, TokenFilter> members;

    private Wanted(Map<String, TokenFilter> members) {
      this.members = members;
    }

    private static TokenFilter members(String... names) {
      return new Wanted(Stream.of(names).collect(Collectors.toMap(n -> n, n -> INCLUDE_ALL)));
    }

    @Override
    public @Nullable TokenFilter includeProperty(String name) {
      return members.get(name);
    }

    /** Or the value behind an empty one would be taken for the first. */
    @Override
    public boolean includeEmptyObject(boolean contentsFiltered) {
      return true;
    }

    @Override
    public boolean includeEmptyArray(boolean contentsFiltered) {
      return true;
    }
  }

  private static GitHubEvent job(GitHubJson json) {
    String action = json.text("action");
    Optional<JobAction> known = jobAction(action);
    if (known.isEmpty()) {
      return new Ignored("action " + action + " of workflow_job is not known");
    }
    GitHubJson job = json.object("workflow_job");
    // GitHub writes a start for those that wait, too.
    boolean begun = known.get() == JobAction.IN_PROGRESS || known.get() == JobAction.COMPLETED;
    return new GitHubEvent.JobChanged(
        known.get(),
        job.facts(repository(json), isPrivate(json), installationOf(json)),
        job.textIfAny("conclusion"),
        // Completed without ever having run, a job has an empty name and the number 0.
        job.textIfAny("runner_name").filter(name -> !name.isEmpty()),
        Optional.of(job.node().path("runner_id").asLong()).filter(id -> id > 0),
        begun ? job.timeIfAny("started_at") : Optional.empty(),
        begun ? job.timeIfAny("completed_at") : Optional.empty());
  }

  private static Optional<JobAction> jobAction(String word) {
    return switch (word) {
      case "waiting" -> Optional.of(JobAction.WAITING);
      case "queued" -> Optional.of(JobAction.QUEUED);
      case "in_progress" -> Optional.of(JobAction.IN_PROGRESS);
      case "completed" -> Optional.of(JobAction.COMPLETED);
      default -> Optional.empty();
    };
  }

  private static GitHubEvent run(GitHubJson json) {
    String action = json.text("action");
    GitHubJson run = json.object("workflow_run");
    String repository = repository(json).toString();
    return switch (action) {
      case "requested", "in_progress" -> new GitHubEvent.RunBegun(run.origin(repository));
      case "completed" ->
          new GitHubEvent.RunCompleted(
              repository, run.positive("id"), run.runAttempt(), run.textIfAny("conclusion"));
      default -> new Ignored("action " + action + " of workflow_run means nothing here");
    };
  }

  private static GitHubEvent push(GitHubJson json) {
    String ref = json.text("ref");
    if (!ref.startsWith(BRANCH)) {
      return new Ignored("a push of " + ref + ", which is not a branch");
    }
    if (json.node().path("deleted").asBoolean()) {
      return new Ignored("a push that deletes " + ref);
    }
    return new GitHubEvent.Pushed(
        repository(json).toString(), ref.substring(BRANCH.length()), json.text("after"));
  }

  private static GitHubEvent installation(GitHubJson json) {
    GitHubJson installation = json.object("installation");
    return new GitHubEvent.InstallationChanged(
        json.text("action"),
        installation.object("account").text("login"),
        installation.positive("id"));
  }

  private static Repository repository(GitHubJson json) {
    try {
      return Repository.of(json.object("repository").text("full_name"));
    } catch (IllegalArgumentException e) {
      throw new GitHubJson.Unreadable("repository.full_name is not OWNER/NAME");
    }
  }

  /** A repository that does not say so is taken for public, which is allowed less. */
  private static boolean isPrivate(GitHubJson json) {
    return json.object("repository").node().path("private").asBoolean(false);
  }

  private static OptionalLong installationOf(GitHubJson json) {
    long id = json.node().path("installation").path("id").asLong();
    return id > 0 ? OptionalLong.of(id) : OptionalLong.empty();
  }
}
