package dev.muster.kernel.access;

import dev.muster.kernel.http.ErrorBody;
import dev.muster.kernel.http.HttpProblem;
import dev.muster.kernel.store.Database;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Decides whether a request may do what it wants. */
public final class Access {
  private final Database database;
  private final String localToken;

  /**
   * With a token of its own for the command line on the same machine.
   *
   * @param localToken made anew at each start and kept in a file that only its owner can read
   */
  public Access(Database database, String localToken) {
    this.database = database;
    this.localToken = localToken;
  }

  /** Whoever presented a valid token. */
  public Optional<Principal> principal(@Nullable String authorization) {
    return Tokens.fromHeader(authorization)
        .flatMap(token ->
            isLocal(token)
                ? Optional.of(new Principal("local", "command line", Role.ADMIN))
                : database.read(read -> Tokens.find(read, token)));
  }

  private boolean isLocal(String token) {
    return MessageDigest.isEqual(
        localToken.getBytes(StandardCharsets.UTF_8), token.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Requires a role for what concerns every environment.
   *
   * @throws HttpProblem 401 without a valid token, 403 with one of too small a role or one that is
   *     good for one environment alone
   */
  public Principal require(@Nullable String authorization, Role role) {
    Principal principal = requireSomewhere(authorization, role);
    principal
        .environment()
        .ifPresent(environment -> {
          throw beyond(principal, environment);
        });
    return principal;
  }

  /** The refusal of what a token that is good for one environment alone may not do. */
  public static HttpProblem beyond(Principal principal, String environment) {
    return new HttpProblem(
        new ErrorBody(
            403,
            "environment_limited",
            "The token %s is good for environment %s alone; this concerns others too"
                .formatted(principal.name(), environment),
            "Use a token that was made without --environment"));
  }

  /**
   * Requires a role in some environment; whoever calls this asks {@link Principal#mayTouch} before
   * anything is done or shown.
   *
   * @throws HttpProblem 401 without a valid token, 403 with one of too small a role
   */
  public Principal requireSomewhere(@Nullable String authorization, Role role) {
    Principal principal =
        principal(authorization)
            .orElseThrow(() ->
                new HttpProblem(
                    new ErrorBody(
                        401,
                        "token_required",
                        "This needs a token with the role " + role.word(),
                        "Make one with: muster token create --role " + role.word() + " NAME")));
    if (!principal.role().includes(role)) {
      throw new HttpProblem(
          new ErrorBody(
              403,
              "role_required",
              "The token %s has the role %s; this needs %s"
                  .formatted(principal.name(), principal.role().word(), role.word()),
              "Make one with: muster token create --role " + role.word() + " NAME"));
    }
    return principal;
  }
}
