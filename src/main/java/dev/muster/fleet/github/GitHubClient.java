package dev.muster.fleet.github;

import com.fasterxml.jackson.databind.JsonNode;
import dev.muster.config.Secrets;
import dev.muster.kernel.reconcile.StalledException;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Asks GitHub as the App that the config in force names. Blocks, bounded by timeouts; every call
 * throws {@link dev.muster.kernel.reconcile.TransientException}, with the time to wait where GitHub
 * gave one, or {@link StalledException}.
 */
public final class GitHubClient implements AutoCloseable {
  /** GitHub's largest page. */
  static final int PAGE = 100;

  /** More pages than anything that we list has; a loop of links ends here. */
  private static final int MOST_PAGES = 200;

  /** Sees each call: for metrics. */
  public interface Observer {
    /** Nobody looks. */
    Observer NONE =
        new Observer() {
          @Override
          public void called(Operation operation, String outcome, Duration took) {}

          @Override
          public void remaining(String budget, long requests) {}
        };

    /**
     * A call came to its end.
     *
     * @param outcome {@code 2xx} to {@code 5xx}, or {@code failed} where no answer came
     */
    void called(Operation operation, String outcome, Duration took);

    /**
     * GitHub said how many requests are left.
     *
     * @param budget names the App, and the owner where the hour is an installation's
     * @param requests left of this hour
     */
    void remaining(String budget, long requests);
  }

  private final Supplier<Optional<GitHubSpec>> spec;
  private final GitHubTransport transport;
  private final AppTokens tokens;

  /**
   * @param spec the one in force, asked at each call
   */
  public GitHubClient(
      Supplier<Optional<GitHubSpec>> spec,
      Secrets secrets,
      InstantSource clock,
      Observer observer) {
    this.spec = spec;
    this.transport = new GitHubTransport(clock, observer);
    this.tokens = new AppTokens(transport, secrets, clock);
  }

  /** Whether the config names an App, so that GitHub can be asked at all. */
  public boolean configured() {
    return spec.get().flatMap(GitHubSpec::app).isPresent();
  }

  Answer asApp(Call call) {
    return transport.send(apiUrl(), call, tokens.app(app(call)));
  }

  Answer asInstallation(String owner, Call call) {
    URI apiUrl = apiUrl();
    GitHubSpec.App app = app(call);
    Integer[] andRefused =
        Stream.concat(call.expected().stream(), Stream.of(401)).toArray(Integer[]::new);
    Answer answer =
        transport.send(apiUrl, call.expecting(andRefused), tokens.installation(apiUrl, app, owner));
    if (answer.status() != 401) {
      return answer;
    }
    tokens.forget(apiUrl, app, owner);
    return transport.send(apiUrl, call, tokens.installation(apiUrl, app, owner));
  }

  /** Without saying who we are. */
  Answer asNobody(Call call) {
    return transport.send(apiUrl(), call, Credential.NOBODY);
  }

  /** The items of all pages of a list that is wrapped as {@code {"total_count", FIELD: [...]}}. */
  List<JsonNode> list(String owner, Call first, String field) {
    List<JsonNode> items = new ArrayList<>();
    Optional<String> path = Optional.of(first.path());
    for (int page = 0; path.isPresent() && page < MOST_PAGES; page++) {
      Answer answer = asInstallation(owner, first.at(path.get()));
      answer.body().path(field).forEach(items::add);
      path = answer.next();
    }
    return items;
  }

  URI apiUrl() {
    return spec.get().map(GitHubSpec::apiUrl).orElse(GitHubSpec.PUBLIC);
  }

  /** Where its pages and repositories are, without a slash at the end. */
  URI site() {
    return spec.get().map(GitHubSpec::site).orElseGet(() -> GitHubSpec.site(GitHubSpec.PUBLIC));
  }

  /**
   * A token of the App's installation at an owner, good for minutes at least.
   *
   * @throws StalledException when no App is named or it is not installed there
   */
  String token(String owner) {
    Call call = Call.get(Operation.GET_TOKEN, owner, "");
    return tokens.installation(apiUrl(), app(call), owner).token().orElseThrow();
  }

  /** The next token is a new one. */
  void forgetToken(String owner) {
    spec.get().flatMap(GitHubSpec::app).ifPresent(app -> tokens.forget(apiUrl(), app, owner));
  }

  private GitHubSpec.App app(Call call) {
    return spec.get()
        .flatMap(GitHubSpec::app)
        .orElseThrow(() ->
            new StalledException(
                "GitHub: %s: the config names no App; add github.app".formatted(call), null));
  }

  @Override
  public void close() {
    transport.close();
  }
}
