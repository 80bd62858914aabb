package dev.muster.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.Signature;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Who may call: checks the App's own tokens, hands out installations', counts their requests. */
final class SandboxAccess {
  private static final Duration TOKEN_LIFE = Duration.ofHours(1);
  private static final Duration LONGEST_JWT = Duration.ofMinutes(10);
  private static final Duration CLOCK_SKEW = Duration.ofMinutes(1);

  /** An installation's token. */
  record Token(String value, String owner, Instant expiresAt) {}

  /** What is left of the hour, after a request was counted. */
  record Budget(String owner, String resource, int limit, int remaining, Instant reset) {
    String key() {
      return owner + " " + resource;
    }
  }

  /** What most calls count against. */
  static final String CORE = "core";

  /** Just-in-time registrations have an hour of their own. */
  static final String REGISTRATION = "actions_runner_registration";

  private final SandboxApp app;
  private final SandboxSettings settings;
  private final InstantSource clock;
  private final ObjectMapper json = new ObjectMapper();
  private final SecureRandom random = new SecureRandom();
  private final Map<String, Long> installations = new LinkedHashMap<>();
  private final Map<String, Token> tokens = new HashMap<>();
  private final Map<String, Budget> budgets = new HashMap<>();

  SandboxAccess(SandboxApp app, SandboxSettings settings, InstantSource clock) {
    this.app = app;
    this.settings = settings;
    this.clock = clock;
  }

  boolean isUser(String owner) {
    return settings.users().contains(owner);
  }

  /** Empty where the App is not installed. */
  synchronized Optional<Long> installation(String owner) {
    return settings.strangers().contains(owner)
        ? Optional.empty()
        : Optional.of(
            installations.computeIfAbsent(
                owner.toLowerCase(Locale.ROOT), o -> 500L + installations.size()));
  }

  synchronized Token newToken(long installation) {
    String owner =
        installations.entrySet().stream()
            .filter(entry -> entry.getValue() == installation)
            .map(Map.Entry::getKey)
            .findFirst()
            .orElseThrow(Refusal::notFound);
    byte[] bytes = new byte[18];
    random.nextBytes(bytes);
    Token token =
        new Token(
            "ghs_" + HexFormat.of().formatHex(bytes), owner, clock.instant().plus(TOKEN_LIFE));
    tokens.put(token.value(), token);
    return token;
  }

  /**
   * Checks an installation's token for an owner and counts the request.
   *
   * @throws Refusal 401 for a token that is none, 404 for another owner's, 403 over the limit
   */
  synchronized Budget authorize(Optional<String> authorization, String owner, String resource) {
    Token token = tokens.get(bearer(authorization));
    if (token == null || !token.expiresAt().isAfter(clock.instant())) {
      throw new Refusal(401, "Bad credentials");
    }
    if (!token.owner().equalsIgnoreCase(owner)) {
      throw Refusal.notFound();
    }
    return count(token.owner(), resource);
  }

  /**
   * Checks the App's own token.
   *
   * @throws Refusal 401, saying which claim is wrong
   */
  synchronized Budget authorizeApp(Optional<String> authorization) {
    String[] parts = bearer(authorization).split("\\.", -1);
    if (parts.length != 3 || !signed(parts)) {
      throw new Refusal(401, "A JSON web token could not be decoded");
    }
    checkClaims(decode(parts[1]));
    return count("", CORE);
  }

  /** Gives a request back: conditional ones that changed nothing are not counted. */
  synchronized Budget refund(Budget counted) {
    return budgets.merge(counted.key(), counted, (now, c) -> add(now, 1));
  }

  private void checkClaims(JsonNode claims) {
    Instant now = clock.instant();
    if (!claims.path("iss").asText().equals(Long.toString(app.id()))) {
      throw new Refusal(401, "'Issuer' claim ('iss') must be the App's id");
    }
    Instant issued = Instant.ofEpochSecond(claims.path("iat").asLong());
    Instant expires = Instant.ofEpochSecond(claims.path("exp").asLong());
    if (issued.isAfter(now.plus(CLOCK_SKEW))) {
      throw new Refusal(401, "'Issued at' claim ('iat') is in the future");
    }
    if (!expires.isAfter(now)) {
      throw new Refusal(401, "'Expiration time' claim ('exp') is in the past");
    }
    if (expires.isAfter(now.plus(LONGEST_JWT))) {
      throw new Refusal(401, "'Expiration time' claim ('exp') is too far in the future");
    }
  }

  private boolean signed(String[] parts) {
    try {
      Signature verifier = Signature.getInstance("SHA256withRSA");
      verifier.initVerify(app.publicKey());
      verifier.update((parts[0] + "." + parts[1]).getBytes(StandardCharsets.US_ASCII));
      return verifier.verify(Base64.getUrlDecoder().decode(parts[2]));
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      return false; // not a signature at all
    }
  }

  private JsonNode decode(String part) {
    try {
      return json.readTree(Base64.getUrlDecoder().decode(part));
    } catch (IOException | IllegalArgumentException e) {
      throw new Refusal(401, "A JSON web token could not be decoded");
    }
  }

  private Budget count(String owner, String resource) {
    Instant now = clock.instant();
    int limit = settings.rateLimit();
    Budget fresh = new Budget(owner, resource, limit, limit, now.plus(TOKEN_LIFE));
    Budget old = budgets.getOrDefault(fresh.key(), fresh);
    if (!old.reset().isAfter(now)) {
      old = fresh;
    }
    if (old.remaining() == 0) {
      throw new Refusal(403, "API rate limit exceeded for installation.", headers(old));
    }
    Budget counted = add(old, -1);
    budgets.put(counted.key(), counted);
    return counted;
  }

  /** How a budget shows in an answer. */
  static Map<String, String> headers(Budget budget) {
    return Map.of(
        "x-ratelimit-limit", Integer.toString(budget.limit()),
        "x-ratelimit-remaining", Integer.toString(budget.remaining()),
        "x-ratelimit-reset", Long.toString(budget.reset().getEpochSecond()),
        "x-ratelimit-resource", budget.resource());
  }

  private static Budget add(Budget old, int requests) {
    return new Budget(
        old.owner(), old.resource(), old.limit(), old.remaining() + requests, old.reset());
  }

  private static String bearer(Optional<String> authorization) {
    String value = authorization.orElse("");
    int space = value.indexOf(' ');
    return space < 0 ? "" : value.substring(space + 1);
  }
}
