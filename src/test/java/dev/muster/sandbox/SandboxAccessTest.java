package dev.muster.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Optional;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class SandboxAccessTest {
  private static final KeyPair KEYS = pair();
  private static final KeyPair OTHERS = pair();

  private Instant now = Instant.parse("2026-03-01T10:00:00Z");
  private final SandboxAccess access =
      new SandboxAccess(
          new SandboxApp(7, "app", "", "secret", KEYS.getPublic()),
          SandboxSettings.DEFAULT.withStrangers(Set.of("stranger")),
          () -> now);

  @Test
  void takesTheAppsTokenForTenMinutesAtMost() {
    assertThat(authorize(KEYS, "7", -60, 600).remaining()).isPositive();

    assertRefused("too far in the future", () -> authorize(KEYS, "7", -60, 601));
    assertRefused("is in the past", () -> authorize(KEYS, "7", -600, 0));
    assertRefused("('iat') is in the future", () -> authorize(KEYS, "7", 61, 300));
  }

  @Test
  void refusesAnotherAppsTokenAndWhatIsNone() {
    assertRefused("must be the App's id", () -> authorize(KEYS, "8", -60, 300));
    assertRefused("could not be decoded", () -> authorize(OTHERS, "7", -60, 300));
    for (String token : new String[] {"", "Bearer", "Bearer a.b", "Bearer a.b.c", "Bearer a.b.!"}) {
      assertRefused("could not be decoded", () -> access.authorizeApp(Optional.of(token)));
    }
    assertRefused("could not be decoded", () -> access.authorizeApp(Optional.empty()));
  }

  @Test
  void letsAnInstallationsTokenIntoItsOwnersHouseForAnHour() {
    long installation = access.installation("acme").orElseThrow();
    SandboxAccess.Token token = access.newToken(installation);
    Optional<String> header = Optional.of("token " + token.value());

    access.authorize(header, "Acme", SandboxAccess.CORE);
    assertRefused("Not Found", () -> access.authorize(header, "other", SandboxAccess.CORE));
    now = now.plus(Duration.ofHours(1));
    assertRefused("Bad credentials", () -> access.authorize(header, "acme", SandboxAccess.CORE));
  }

  @Test
  void hasNoInstallationAtAStranger() {
    assertThat(access.installation("stranger")).isEmpty();
    assertRefused("Not Found", () -> access.newToken(499));
  }

  private SandboxAccess.Budget authorize(KeyPair signer, String issuer, long iat, long exp) {
    String claims =
        "{\"iss\":\"%s\",\"iat\":%d,\"exp\":%d}"
            .formatted(issuer, now.getEpochSecond() + iat, now.getEpochSecond() + exp);
    String signed = part("{\"alg\":\"RS256\"}") + "." + part(claims);
    return access.authorizeApp(Optional.of("Bearer " + signed + "." + sign(signer, signed)));
  }

  private static KeyPair pair() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
      generator.initialize(2048);
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  private static String sign(KeyPair signer, String text) {
    try {
      Signature signature = Signature.getInstance("SHA256withRSA");
      signature.initSign(signer.getPrivate());
      signature.update(text.getBytes(StandardCharsets.US_ASCII));
      return Base64.getUrlEncoder().withoutPadding().encodeToString(signature.sign());
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  private static String part(String json) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(json.getBytes(StandardCharsets.UTF_8));
  }

  private static void assertRefused(String part, ThrowingCallable call) {
    assertThatThrownBy(call).isInstanceOf(Refusal.class).hasMessageContaining(part);
  }
}
