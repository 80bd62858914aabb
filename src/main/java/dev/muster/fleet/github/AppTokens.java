package dev.muster.fleet.github;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.muster.config.Secrets;
import dev.muster.kernel.reconcile.StalledException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Proves that we are the App. Its own token, signed here, is good for minutes; with it GitHub hands
 * out a token for each installation, good for an hour and kept until shortly before its end.
 */
final class AppTokens {
  /** Our clock may be ahead of GitHub's. */
  private static final Duration BACKDATED = Duration.ofSeconds(60);

  /** GitHub takes ten minutes at most, by its own clock. */
  private static final Duration JWT_LIFE = Duration.ofMinutes(9);

  private static final Duration RENEWED_BEFORE_END = Duration.ofMinutes(5);

  private record Place(URI apiUrl, long app, String owner) {}

  private record Token(String value, Instant expiresAt) {
    @Override
    public String toString() {
      return "Token[until " + expiresAt + "]";
    }
  }

  /** One installation's token; the lock lets one thread ask while the others wait for it. */
  private static final class Slot {
    final ReentrantLock lock = new ReentrantLock();
    @Nullable Token token;
  }

  private final GitHubTransport transport;
  private final Secrets secrets;
  private final InstantSource clock;
  private final ObjectMapper mapper = new ObjectMapper();
  private final Map<Place, Slot> slots = new ConcurrentHashMap<>();

  AppTokens(GitHubTransport transport, Secrets secrets, InstantSource clock) {
    this.transport = transport;
    this.secrets = secrets;
    this.clock = clock;
  }

  /**
   * As the App itself.
   *
   * @throws StalledException when the key is missing or wrong
   */
  Credential app(GitHubSpec.App app) {
    String pem =
        secrets
            .value(app.privateKey())
            .orElseThrow(() ->
                new StalledException(
                    "GitHub App: no secret is named '%s'; add it to secrets.yml"
                        .formatted(app.privateKey().name()),
                    null));
    return new Credential(
        "app " + app.id(), Optional.of(jwt(app.id(), AppKey.parse(app.privateKey(), pem))));
  }

  /**
   * As the App's installation at an owner, an organisation or a user.
   *
   * @throws StalledException when the App is not installed there
   */
  Credential installation(URI apiUrl, GitHubSpec.App app, String owner) {
    Slot slot = slots.computeIfAbsent(place(apiUrl, app, owner), key -> new Slot());
    slot.lock.lock();
    try {
      Token token = slot.token;
      if (token == null || !token.expiresAt().minus(RENEWED_BEFORE_END).isAfter(clock.instant())) {
        token = request(apiUrl, app, owner);
        slot.token = token;
      }
      return new Credential("app " + app.id() + " at " + owner, Optional.of(token.value()));
    } finally {
      slot.lock.unlock();
    }
  }

  /** GitHub refused this token before its end, as it does after a permission changed. */
  void forget(URI apiUrl, GitHubSpec.App app, String owner) {
    slots.remove(place(apiUrl, app, owner));
  }

  private Token request(URI apiUrl, GitHubSpec.App app, String owner) {
    long installation = find(apiUrl, app, owner);
    Call call =
        Call.post(
            Operation.GET_TOKEN, owner, "/app/installations/" + installation + "/access_tokens");
    return transport
        .send(apiUrl, call, app(app))
        .read(call, json -> new Token(json.text("token"), json.time("expires_at")));
  }

  private long find(URI apiUrl, GitHubSpec.App app, String owner) {
    for (String kind : new String[] {"/orgs/", "/users/"}) {
      Call call =
          Call.get(Operation.FIND_INSTALLATION, owner, kind + owner + "/installation")
              .expecting(404);
      Answer answer = transport.send(apiUrl, call, app(app));
      if (answer.status() == 200) {
        return answer.read(call, json -> json.positive("id"));
      }
    }
    throw new StalledException(
        "GitHub: App %d is not installed at %s; install it there from its settings page"
            .formatted(app.id(), owner),
        null);
  }

  private String jwt(long app, AppKey key) {
    Instant now = clock.instant();
    String header = mapper.createObjectNode().put("alg", "RS256").put("typ", "JWT").toString();
    String claims =
        mapper
            .createObjectNode()
            .put("iat", now.minus(BACKDATED).getEpochSecond())
            .put("exp", now.plus(JWT_LIFE).getEpochSecond())
            .put("iss", Long.toString(app))
            .toString();
    String signed =
        part(header.getBytes(StandardCharsets.UTF_8))
            + "."
            + part(claims.getBytes(StandardCharsets.UTF_8));
    return signed + "." + part(key.sign(signed));
  }

  private static String part(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  private static Place place(URI apiUrl, GitHubSpec.App app, String owner) {
    return new Place(apiUrl, app.id(), owner.toLowerCase(Locale.ROOT));
  }
}
