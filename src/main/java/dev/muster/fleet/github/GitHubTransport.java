package dev.muster.fleet.github;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.muster.kernel.reconcile.StalledException;
import dev.muster.kernel.reconcile.TransientException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Semaphore;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Sends calls to GitHub, one try each, and turns what comes back into answers and exceptions. */
final class GitHubTransport implements AutoCloseable {
  private static final Duration CONNECT = Duration.ofSeconds(5);
  private static final Duration ANSWER = Duration.ofSeconds(15);
  private static final Pattern NEXT = Pattern.compile("<([^>]+)>;\\s*rel=\"next\"");

  /** GitHub's secondary limit allows 100 at a time, from everything that uses the App. */
  private static final int CONCURRENT = 40;

  private final InstantSource clock;
  private final GitHubClient.Observer observer;
  private final RateBudget budget;
  private final ObjectMapper mapper = new ObjectMapper();
  private final EtagCache etags = new EtagCache();
  private final Semaphore concurrency = new Semaphore(CONCURRENT);
  private @Nullable HttpClient client;

  GitHubTransport(InstantSource clock, GitHubClient.Observer observer) {
    this.clock = clock;
    this.observer = observer;
    this.budget = new RateBudget(clock);
  }

  /**
   * Sends a call.
   *
   * @return a 2xx answer, or one of those that the call expects
   * @throws TransientException when trying again later may help
   * @throws StalledException when it will not
   */
  Answer send(URI apiUrl, Call call, Credential credential) {
    budget.admit(credential.budget(), call);
    Optional<EtagCache.Cached> cached =
        call.method().equals("GET")
            ? etags.find(cacheKey(apiUrl, call, credential))
            : Optional.empty();
    Instant began = clock.instant();
    String outcome = "failed";
    try {
      HttpResponse<byte[]> response = exchange(request(apiUrl, call, credential, cached), call);
      outcome = Integer.toString(response.statusCode() / 100) + "xx";
      observeLimits(credential.budget(), call.operation(), response.headers());
      return interpret(apiUrl, call, credential, cached, response);
    } finally {
      observer.called(call.operation(), outcome, Duration.between(began, clock.instant()));
    }
  }

  private HttpRequest request(
      URI apiUrl, Call call, Credential credential, Optional<EtagCache.Cached> cached) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(apiUrl + call.path()))
            .timeout(ANSWER)
            .version(
                "https".equals(apiUrl.getScheme())
                    ? HttpClient.Version.HTTP_2
                    : HttpClient.Version.HTTP_1_1)
            .header("Accept", "application/vnd.github+json")
            .header("User-Agent", "muster")
            .header("X-GitHub-Api-Version", "2022-11-28")
            .method(
                call.method(),
                call.body()
                    .map(body -> HttpRequest.BodyPublishers.ofString(body.toString()))
                    .orElseGet(HttpRequest.BodyPublishers::noBody));
    call.body().ifPresent(body -> request.header("Content-Type", "application/json"));
    credential.token().ifPresent(token -> request.header("Authorization", "Bearer " + token));
    cached.ifPresent(answer -> request.header("If-None-Match", answer.etag()));
    return request.build();
  }

  private HttpResponse<byte[]> exchange(HttpRequest request, Call call) {
    try {
      concurrency.acquire();
      try {
        return client().send(request, HttpResponse.BodyHandlers.ofByteArray());
      } finally {
        concurrency.release();
      }
    } catch (IOException e) {
      throw new TransientException(
          "GitHub: %s: no answer from %s (%s); it is tried again"
              .formatted(call, request.uri().getAuthority(), reason(e)),
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TransientException("GitHub: %s: the appliance is stopping".formatted(call), e);
    }
  }

  private static Optional<Instant> date(HttpHeaders headers) {
    try {
      return headers
          .firstValue("date")
          .map(text -> ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant());
    } catch (DateTimeParseException e) {
      return Optional.empty();
    }
  }

  private Answer interpret(
      URI apiUrl,
      Call call,
      Credential credential,
      Optional<EtagCache.Cached> cached,
      HttpResponse<byte[]> response) {
    int status = response.statusCode();
    if (status == 304 && cached.isPresent()) {
      return new Answer(
          200, body(call, cached.get().body(), 200), cached.get().next(), date(response.headers()));
    }
    JsonNode body = body(call, response.body(), status);
    if (status / 100 != 2) {
      String said = body.path("message").asText("no explanation");
      String what = "GitHub: %s: answered %d: %s".formatted(call, status, said);
      // Before what the caller expects: a limit answers with a status that else means "no".
      pauseIfAsked(call, credential, response, said, what);
      if (!call.expected().contains(status)) {
        throw failure(status, what);
      }
    }
    Optional<String> next = next(apiUrl, response.headers());
    if (status == 200 && call.method().equals("GET")) {
      response
          .headers()
          .firstValue("etag")
          .ifPresent(etag ->
              etags.keep(
                  cacheKey(apiUrl, call, credential),
                  new EtagCache.Cached(etag, response.body(), next)));
    }
    return new Answer(status, body, next, date(response.headers()));
  }

  private JsonNode body(Call call, byte[] bytes, int status) {
    if (bytes.length == 0) {
      return MissingNode.getInstance();
    }
    try {
      return mapper.readTree(bytes);
    } catch (IOException e) {
      if (status / 100 != 2) {
        return MissingNode.getInstance(); // an error page: the status says enough
      }
      throw new TransientException(
          "GitHub: %s: the answer is not JSON; something may answer in its place".formatted(call),
          e);
    }
  }

  private void pauseIfAsked(
      Call call, Credential credential, HttpResponse<byte[]> response, String said, String what) {
    Optional<Duration> spent = budget.exhausted(credential.budget(), call.operation());
    Optional<Duration> wait = waitAsked(response, said, spent);
    if (wait.isPresent()) {
      if (spent.isEmpty()) {
        budget.pause(credential.budget(), wait.get());
      }
      throw new TransientException(
          "%s; it is tried again in %d s".formatted(what, wait.get().toSeconds()),
          null,
          wait.get());
    }
  }

  /**
   * How long GitHub wants to be left alone: by Retry-After, or because a limit is reached.
   *
   * @param spent until when the hour's requests are used up, if they are
   */
  private static Optional<Duration> waitAsked(
      HttpResponse<byte[]> response, String said, Optional<Duration> spent) {
    int status = response.statusCode();
    if (status != 403 && status != 429 && status != 503) {
      return Optional.empty();
    }
    OptionalLong retryAfter = number(response.headers(), "retry-after");
    if (retryAfter.isPresent()) {
      return Optional.of(Duration.ofSeconds(Math.clamp(retryAfter.getAsLong(), 1, 3_600)));
    }
    boolean limited =
        status == 429 || (status == 403 && said.toLowerCase(Locale.ROOT).contains("rate limit"));
    return limited ? spent.or(() -> Optional.of(RateBudget.SECONDARY_PAUSE)) : Optional.empty();
  }

  private static RuntimeException failure(int status, String what) {
    return switch (status) {
      case 401 ->
          new StalledException(
              what + "; check github.app's id and private_key, and this machine's clock", null);
      case 403 ->
          new StalledException(
              what + "; give the App this permission and accept it at its installation", null);
      case 404 ->
          new StalledException(
              what + "; check that it exists and that the App is installed there", null);
      case 408 -> new TransientException(what + "; it is tried again", null);
      default ->
          status >= 500
              ? new TransientException(what + "; it is tried again", null)
              : new StalledException(status < 400 ? what + "; was it renamed?" : what, null);
    };
  }

  private static String cacheKey(URI apiUrl, Call call, Credential credential) {
    return credential.budget() + " " + apiUrl + call.path();
  }

  private void observeLimits(String name, Operation operation, HttpHeaders headers) {
    String resource = headers.firstValue("x-ratelimit-resource").orElse(RateBudget.CORE);
    OptionalLong remaining = number(headers, "x-ratelimit-remaining");
    budget.observe(
        name,
        operation,
        resource,
        number(headers, "x-ratelimit-limit"),
        remaining,
        number(headers, "x-ratelimit-reset"));
    if (resource.equals(RateBudget.CORE)) {
      remaining.ifPresent(left -> observer.remaining(name, left));
    }
  }

  /** The next page, if it lies where the credential may be sent. */
  private static Optional<String> next(URI apiUrl, HttpHeaders headers) {
    return headers
        .firstValue("link")
        .map(NEXT::matcher)
        .filter(Matcher::find)
        .map(matcher -> matcher.group(1))
        .filter(link -> link.startsWith(apiUrl + "/"))
        .map(link -> link.substring(apiUrl.toString().length()));
  }

  private static OptionalLong number(HttpHeaders headers, String name) {
    try {
      return headers.firstValueAsLong(name);
    } catch (NumberFormatException e) {
      return OptionalLong.empty(); // an HTTP date, which GitHub does not send
    }
  }

  private static String reason(IOException e) {
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }

  /** Made at the first call: an appliance without GitHub has no client. */
  private synchronized HttpClient client() {
    HttpClient made = client;
    if (made == null) {
      made = HttpClient.newBuilder().connectTimeout(CONNECT).build();
      client = made;
    }
    return made;
  }

  @Override
  public synchronized void close() {
    HttpClient made = client;
    if (made != null) {
      made.shutdownNow();
      client = null;
    }
  }
}
