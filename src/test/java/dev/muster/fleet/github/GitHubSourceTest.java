package dev.muster.fleet.github;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.config.SecretRef;
import dev.muster.config.Secrets;
import dev.muster.kernel.http.Signature;
import dev.muster.webhook.WebhookSource.Verification;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GitHubSourceTest {
  /** GitHub's own vector, from its documentation on validating deliveries. */
  private static final byte[] BODY = "Hello, World!".getBytes(StandardCharsets.UTF_8);

  private static final String SECRET = "It's a Secret to Everybody";
  private static final String SIGNATURE =
      "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";

  private final Map<String, String> secrets = new HashMap<>(Map.of("hook", SECRET));
  private final Map<String, String> headers =
      new HashMap<>(
          Map.of(
              "x-hub-signature-256", SIGNATURE,
              "x-github-event", "ping",
              "x-github-delivery", "72d3162e-cc78-11e3-81ab-4c9367dc0958"));

  @Test
  void takesWhatGitHubSigned() {
    assertThat(verify("hook"))
        .isEqualTo(new Verification.Genuine("72d3162e-cc78-11e3-81ab-4c9367dc0958", "ping"));
  }

  @Test
  void takesTheOldSecretWhileTwoAreLive() {
    secrets.put("new", "another");

    assertThat(verify("new", "hook")).isInstanceOf(Verification.Genuine.class);
    assertThat(verify("new")).isInstanceOf(Verification.Forged.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "sha256=",
        "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e",
        "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e18",
        "sha256=zz7107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
        "sha1=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
      })
  void refusesAWrongSignature(String signature) {
    headers.put("x-hub-signature-256", signature);

    assertThat(verify("hook")).isInstanceOf(Verification.Forged.class);
  }

  @Test
  void refusesAMissingSignatureBeforeItLooksAtAnythingElse() {
    headers.clear();

    assertThat(verify("hook")).isInstanceOf(Verification.Forged.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"x-github-event", "x-github-delivery"})
  void saysWhichHeaderIsMissingOrUnreadable(String header) {
    headers.remove(header);
    assertThat(verify("hook")).isInstanceOf(Verification.Malformed.class);

    headers.put(header, "a\u0007b");
    assertThat(verify("hook")).isInstanceOf(Verification.Malformed.class);
  }

  @Test
  void saysThatNoSecretIsNamedOrSet() {
    assertThat(verify()).isInstanceOf(Verification.NotConfigured.class);
    assertThat(verify("other"))
        .isEqualTo(new Verification.NotConfigured("Add to secrets.yml: other"));
    secrets.put("hook", "");
    assertThat(verify("hook")).isInstanceOf(Verification.NotConfigured.class);
  }

  @Test
  void reachesTheVectorOfGitHubsDocumentation() {
    assertThat("sha256=" + Signature.hex(SECRET, BODY)).isEqualTo(SIGNATURE);
  }

  private Verification verify(String... names) {
    GitHubSpec spec =
        new GitHubSpec(
            GitHubSpec.PUBLIC,
            Optional.empty(),
            List.of(names).stream().map(SecretRef::new).toList());
    GitHubSource source =
        new GitHubSource(
            () -> Optional.of(spec),
            ref ->
                Optional.ofNullable(secrets.get(ref.name()))
                    .map(value -> new Secrets.Found(value, "the test")));
    return source.verify(name -> Optional.ofNullable(headers.get(name)), BODY);
  }
}
