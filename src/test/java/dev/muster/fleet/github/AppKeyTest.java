package dev.muster.fleet.github;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.config.SecretRef;
import dev.muster.kernel.reconcile.StalledException;
import dev.muster.sandbox.SandboxApp;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.util.Base64;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AppKeyTest {
  private static final SecretRef NAME = new SecretRef("github-app-key");
  private static SandboxApp app;

  @BeforeAll
  static void makeKey() {
    app = SandboxApp.generate(1);
  }

  @Test
  void readsPkcs1AsGitHubHandsItOut() throws GeneralSecurityException {
    assertThat(app.privateKeyPem()).startsWith("-----BEGIN RSA PRIVATE KEY-----");

    assertSigns(AppKey.parse(NAME, app.privateKeyPem()), app.publicKey());
  }

  @Test
  void readsPkcs8AndWindowsLineEnds() throws GeneralSecurityException {
    KeyPair pair = pair("RSA");

    assertSigns(
        AppKey.parse(NAME, pem("PRIVATE KEY", pair).replace("\n", "\r\n")), pair.getPublic());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "garbage", "-----BEGIN RSA PRIVATE KEY-----"})
  void saysThatItIsNoPem(String text) {
    assertThatThrownBy(() -> AppKey.parse(NAME, text))
        .isInstanceOf(StalledException.class)
        .hasMessageContaining("'github-app-key' is not a PEM file");
  }

  @Test
  void refusesAKeyOfAnotherKindAndAProtectedOne() throws GeneralSecurityException {
    KeyPair elliptic = pair("EC");

    assertThatThrownBy(() -> AppKey.parse(NAME, pem("PRIVATE KEY", elliptic)))
        .isInstanceOf(StalledException.class)
        .hasMessageContaining("not of an RSA private key");
    assertThatThrownBy(() -> AppKey.parse(NAME, pem("ENCRYPTED PRIVATE KEY", elliptic)))
        .isInstanceOf(StalledException.class)
        .hasMessageContaining("passphrase");
    assertThatThrownBy(() -> AppKey.parse(NAME, pem("PUBLIC KEY", elliptic)))
        .isInstanceOf(StalledException.class);
  }

  @Test
  void neverShowsWhatADamagedKeyIsMadeOf() {
    String whole = app.privateKeyPem();
    String damaged = whole.substring(0, 200) + whole.substring(400);

    assertThatThrownBy(() -> AppKey.parse(NAME, damaged))
        .isInstanceOf(StalledException.class)
        .hasNoCause()
        .message()
        .doesNotContain(whole.substring(40, 60));
  }

  private static void assertSigns(AppKey key, java.security.PublicKey publicKey)
      throws GeneralSecurityException {
    Signature verifier = Signature.getInstance("SHA256withRSA");
    verifier.initVerify(publicKey);
    verifier.update("text".getBytes(StandardCharsets.US_ASCII));
    assertThat(verifier.verify(key.sign("text"))).isTrue();
  }

  private static KeyPair pair(String algorithm) throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
    generator.initialize(algorithm.equals("RSA") ? 2048 : 256);
    return generator.generateKeyPair();
  }

  private static String pem(String label, KeyPair pair) {
    return "-----BEGIN %s-----\n%s\n-----END %s-----\n"
        .formatted(
            label, Base64.getMimeEncoder().encodeToString(pair.getPrivate().getEncoded()), label);
  }
}
